import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "open",
  group: "work",
  position: 60,
  summary: "Open the terminals of a session, a project or all with the terminal plugin",
  args: "<target>",
  complete: "session",
  examples: [
    ["ao open app-1", "one session"],
    ["ao open all", "every running session"],
  ],
};

export const run: Run = async (input, context) => {
  const { data, meta } = await context.ask("open", { target: input.args[0] ?? "" });
  context.show(data, () => data.opened.map((id) => `opened ${oneLine(id)}\n`).join(""), meta);
  return 0;
};
