import { AoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Run } from "../command.ts";
import { sessionText } from "../output/session-text.ts";
import { parseDuration } from "../parse/duration.ts";

export const spec: CommandSpec = {
  name: "wait",
  group: "look",
  position: 90,
  summary: "Block until a session reaches a status",
  args: "<session>",
  complete: "session",
  details:
    "Exits with 0 if the session has the status now or reaches it while the command waits, with 1 if the session ends in another way, and with 75 after the timeout.",
  options: [
    { flags: "--until <statuses>", text: "one or more statuses, separated by commas", complete: "status" },
    { flags: "--timeout <duration>", text: "give up after this time" },
  ],
  examples: [["ao wait app-1 --until mergeable,merged --timeout 10m", "for scripts"]],
};

export const run: Run = async (input, context) => {
  const session = input.args[0] ?? "";
  const until = (input.text("until") ?? "")
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  if (until.length === 0) {
    throw new AoError("USAGE", "no status given", {
      hint: `For example, \`ao wait ${session} --until mergeable,merged\`.`,
    });
  }
  const timeout = input.text("timeout");
  const params = {
    session,
    until,
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
  };
  const { data, meta } = await context.busy(`waiting for ${oneLine(until.join(" or "))}`, (tell) =>
    context.ask("wait", params, { onProgress: tell }),
  );
  context.show(data, () => sessionText(data), meta);
  return 0;
};
