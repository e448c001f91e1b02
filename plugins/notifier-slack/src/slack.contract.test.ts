import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { notifierContract } from "@agent-orchestrator/testkit/contracts/notifier";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { afterAll, beforeAll } from "vitest";
import { create } from "./index.ts";
import { shownText, testDesk } from "./testing/desk.ts";

const sockets = new Set<Socket>();
let silent: Server;

beforeAll(async () => {
  silent = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined); // The other side gives up, as the test intends.
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
});

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
});

const silentPort = () => (silent.address() as AddressInfo).port;

const bot = (port: number) =>
  create({ token: "xoxb-1", channel: "C0AGENTS", apiUrl: `http://127.0.0.1:${port}/api/` }, pluginContext());

notifierContract("slack, with a small Slack on loopback", {
  reachable: async () => {
    const { slack, notifier } = await testDesk();
    const isNotice = (kind: string | undefined) => kind === "ao_notice";
    const notices = () => slack.messages().filter(({ metadata }) => isNotice(metadata?.event_type));
    return { notifier, seen: () => notices().map(shownText) };
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
