import type { Run } from "../command.ts";
import { askConfirmed, saidNo } from "../output/confirmed.ts";
import { sessionTexts } from "../output/session-text.ts";

export const run: Run = async (input, context) => {
  const params = { sessions: input.args, ...(input.flag("rm") ? { remove: true } : {}) };
  const answer = await askConfirmed(context, { name: "kill", params }, { text: "ending" });
  if (answer === null) return saidNo(context);
  context.show(answer.data, () => sessionTexts(answer.data), answer.meta);
  return 0;
};
