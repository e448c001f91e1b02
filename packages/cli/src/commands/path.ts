import type { Run } from "../command.ts";

export const run: Run = async (input, context) => {
  const { data, meta } = await context.ask("path", { session: input.args[0] ?? "" });
  context.show(data, () => ({ verbatim: `${data.path}\n` }), meta);
  return 0;
};
