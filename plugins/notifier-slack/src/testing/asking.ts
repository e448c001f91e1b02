import { formatCallback } from "@agent-orchestrator/core/model/callback";
import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { type FakeSlack, fakeSlack } from "@agent-orchestrator/testkit/slack/server";
import type { SlackMessage } from "@agent-orchestrator/testkit/slack/world";
import { acting, listening, testDesk } from "./desk.ts";

/** A notifier that listens, with a notice in Slack. */
export async function asking() {
  const slack = await fakeSlack();
  const desk = await testDesk(acting(slack), { slack });
  const ears = await listening(desk);
  const callback = (choice: number) => formatCallback({ kind: "answer", session: "app-1", dialog: "d1", choice });
  const actions = [
    { label: "Yes", callbackEndpoint: callback(1) },
    { label: "No, use a copy", callbackEndpoint: callback(2) },
    { label: "Merge", callbackEndpoint: formatCallback({ kind: "merge", session: "app-1", head: "abc" }) },
    { label: "Docs", url: "https://ao.example.com/docs" },
  ];
  await desk.notifier.notifyWithActions?.(sampleEvent(), actions);
  const [root, notice] = slack.messages() as [SlackMessage, SlackMessage];
  return { ...desk, ...ears, root, notice };
}

/** What only one person was told. */
export const whispers = ({ slack }: { slack: FakeSlack }) => slack.world.ephemerals;
