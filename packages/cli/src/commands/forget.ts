import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Run } from "../command.ts";
import { askConfirmed, saidNo } from "../output/confirmed.ts";
import { leftTexts } from "../output/left-text.ts";

export const spec: CommandSpec = {
  name: "forget",
  group: "set-up",
  position: 120,
  summary: "Forget a config that no longer exists, or one session",
  args: "<config>",
  complete: "file",
  details:
    "Name the config by its file or folder, which need not exist, or a session by its id. The agents are ended, their work is saved, and the checkouts are removed. What cannot be saved stays where it is.",
  examples: [
    ["ao forget ~/old-shop", "a folder that you deleted"],
    ["ao forget shop-3", "one session"],
  ],
};

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
