import { notifierContract } from "@agent-orchestrator/testkit/contracts/notifier";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { silentServer } from "@agent-orchestrator/testkit/silent-server";
import { create } from "./index.ts";
import { noticesOf, shownText, testDesk } from "./testing/desk.ts";

const silentPort = silentServer();

const bot = (port: number) =>
  create({ token: "xoxb-1", channel: "C0AGENTS", apiUrl: `http://127.0.0.1:${port}/api/` }, pluginContext());

notifierContract("slack, with a small Slack on loopback", {
  reachable: async () => {
    const { slack, notifier } = await testDesk();
    return { notifier, seen: () => noticesOf({ slack }).map(shownText) };
  },
  knowsIds: true,
  unreachable: () => bot(2),
  stalled: () => bot(silentPort()),
});

const hook = (port: number) => create({ url: `http://127.0.0.1:${port}/services/T/B/x` }, pluginContext());

notifierContract("slack, through an incoming webhook", {
  reachable: async () => {
    const { slack, context } = await testDesk();
    const notifier = create({ url: slack.webhookUrl }, context);
    return { notifier, seen: () => slack.messages().map(shownText) };
  },
  knowsIds: true,
  unreachable: () => hook(2),
  stalled: () => hook(silentPort()),
});
