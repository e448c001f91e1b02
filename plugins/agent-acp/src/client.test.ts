import { createServer } from "node:net";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, onTestFinished, test } from "vitest";
import { connectHost } from "./client.ts";

test("a host that ends without reading a request does not harm its caller", async () => {
  const path = join(tempDir("ao-acp-client"), "host.sock");
  // Closing a socket with unread data resets the connection.
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on("error", () => undefined);
    setTimeout(() => socket.destroy(), 100);
  });
  await new Promise<void>((listening) => server.listen(path, listening));
  onTestFinished(() => void server.close());
  let isClosed = false;
  const client = await connectHost(path, { onClose: () => (isClosed = true) });
  await expect(client.call({ op: "cancel" })).rejects.toMatchObject({ code: "UNREACHABLE" });
  expect(isClosed).toBe(true);
});
