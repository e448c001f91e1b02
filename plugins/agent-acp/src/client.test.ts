import { createServer } from "node:net";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, onTestFinished, test } from "vitest";
import { connectHost } from "./client.ts";

test("a host that goes away without having read what it was told is no harm to its caller", async () => {
  const path = join(tempDir("ao-acp-client"), "host.sock");
  // What lies there unread when a socket is closed resets the connection.
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
