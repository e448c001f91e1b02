import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CommandSpec, Run } from "../command.ts";
import { sessionText } from "../output/session-text.ts";

export const spec: CommandSpec = {
  name: "set",
  group: "work",
  position: 80,
  summary: "Change a key of a session's metadata",
  args: "<session> <pair>",
  complete: "session",
  details: "Give it as key=value. An empty value removes the key.",
  examples: [["ao set app-1 reviewer=ana", "your own keys are kept permanently"]],
};

export const run: Run = async (input, context) => {
  const [session = "", pair = ""] = input.args;
  const cut = pair.indexOf("=");
  if (cut < 1) {
    throw new AoError("USAGE", `${JSON.stringify(pair)} is not key=value`, {
      hint: `For example, \`ao set ${session} reviewer=ana\`.`,
    });
  }
  const value = pair.slice(cut + 1);
  const { data, meta } = await context.ask("set", {
    session,
    key: pair.slice(0, cut),
    value: value === "" ? null : value,
  });
  context.show(data, () => sessionText(data), meta);
  return 0;
};
