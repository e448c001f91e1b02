import type { CommandSpec, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "path",
  group: "look",
  position: 70,
  summary: "Print the path of a session's worktree",
  args: "<session>",
  complete: "session",
  examples: [['cd "$(ao path app-1)"', "change to it"]],
};

export const run: Run = async (input, context) => {
  const { data, meta } = await context.ask("path", { session: input.args[0] ?? "" });
  context.show(data, () => ({ verbatim: `${data.path}\n` }), meta);
  return 0;
};
