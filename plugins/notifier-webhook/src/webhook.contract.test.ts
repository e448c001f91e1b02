import { notifierContract } from "@agent-orchestrator/testkit/contracts/notifier";
import { silentServer } from "@agent-orchestrator/testkit/silent-server";
import { testHook, withOptions } from "./testing/hook.ts";

const silentPort = silentServer();

const at = (port: number) => withOptions({ url: `http://127.0.0.1:${port}/hook`, allowPrivate: true }).notifier;

notifierContract("webhook, with a server on loopback", {
  reachable: async () => {
    const { notifier, posts } = await testHook();
    const parsed = () => posts().map(({ body }) => JSON.parse(body) as { title: string; message: string });
    return { notifier, seen: () => parsed().map(({ title, message }) => ({ title, body: message })) };
  },
  // Nothing listens on a port of the system's that no service has.
  unreachable: () => at(2),
  stalled: () => at(silentPort()),
});
