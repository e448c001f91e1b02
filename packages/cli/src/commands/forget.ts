import { oneLine } from "@agent-orchestrator/core/host/text";
import type { Run } from "../command.ts";
import { askConfirmed, saidNo } from "../output/confirmed.ts";
import { leftTexts } from "../output/left-text.ts";

export const run: Run = async (input, context) => {
  const [target = ""] = input.args;
  const answer = await askConfirmed(context, { name: "forget", params: { target } }, { text: "forgetting" });
  if (answer === null) return saidNo(context);
  const { configPath, sessions } = answer.data;
  context.show(
    answer.data,
    () => `${oneLine(configPath ?? target, 500)} is forgotten\n${leftTexts(sessions)}`,
    answer.meta,
  );
  return 0;
};
