import type { CommandSpec, Run } from "../command.ts";
import { run as kill } from "./kill.ts";

export const spec: CommandSpec = {
  name: "rm",
  group: "finish",
  position: 40,
  summary: "End sessions and remove their worktrees (short for `ao kill --rm`)",
  args: "<session...>",
  complete: "session",
  examples: [["ao rm app-1 app-2", "`ao restore` brings them and their work back"]],
};

export const run: Run = (input, context) =>
  kill({ ...input, flag: (name) => name === "rm" || input.flag(name) }, context);
