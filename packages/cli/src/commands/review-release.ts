import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "review release",
  group: "finish",
  position: 14,
  summary: "Give held comments to the agent",
  args: "<session> <comment...>",
  complete: "session",
  details:
    "Name each comment by its id or URL. The agent gets them as quotations, in one message, when it can take it.",
  examples: [
    ["ao review release app-1 IC_kwDOA1", "the id is in `ao review held app-1`"],
    ["ao review release app-1 https://github.com/acme/shop/pull/8#issuecomment-17", "by URL"],
  ],
};

export const run: Run = async (input, context) => {
  const [session = "", ...comments] = input.args;
  const { data, meta } = await context.ask("review-release", { session, comments });
  const many = data.comments.length === 1 ? "1 comment" : `${data.comments.length} comments`;
  const human = () =>
    `${oneLine(data.session)} gets ${many} as soon as it can take a message (${oneLine(data.messageId)})\n`;
  context.show(data, human, meta);
  return 0;
};
