import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { notifierContract } from "@agent-orchestrator/testkit/contracts/notifier";
import { afterAll, beforeAll } from "vitest";
import { testHook, withOptions } from "./testing/hook.ts";

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

const at = (port: number) => withOptions({ url: `http://127.0.0.1:${port}/hook`, allowPrivate: true }).notifier;

notifierContract("webhook, with a server on loopback", {
  reachable: async () => {
    const { notifier, posts } = await testHook();
    const parsed = () => posts().map(({ body }) => JSON.parse(body) as { title: string; message: string });
    return { notifier, seen: () => parsed().map(({ title, message }) => ({ title, body: message })) };
  },
  // Nothing listens on a port of the system's that no service has.
  unreachable: () => at(2),
  stalled: () => at((silent.address() as AddressInfo).port),
});
