import type { Run } from "../command.ts";
import { sessionTexts } from "../output/session-text.ts";

export const run: Run = async (input, context) => {
  const { data, meta } = await context.ask("interrupt", { sessions: input.args });
  context.show(data, () => sessionTexts(data), meta);
  return 0;
};
