import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll } from "vitest";

/** For a whole test file: a server on loopback that takes connections, and never answers. Returns its port, once tests run. */
export function silentServer(): () => number {
  const sockets = new Set<Socket>();
  let server: Server;
  beforeAll(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined); // The other side gives up, as the test intends.
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return () => (server.address() as AddressInfo).port;
}
