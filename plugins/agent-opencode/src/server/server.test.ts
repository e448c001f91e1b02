import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { expect, onTestFinished, test } from "vitest";
import { openServer } from "./server.ts";

/** A server whose event stream says one thing, then nothing more. */
async function silentServer(): Promise<number> {
  const server = createServer((_, response) => response.writeHead(200).write("data: {}\n\n"));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

test("a silent event stream ends when requested, even after garbage collection", {
  timeout: 5_000,
}, async () => {
  const port = await silentServer();
  const stop = new AbortController();
  const events = await openServer({ port, password: "x", clock: systemClock }).events(stop.signal);
  const chunks: number[] = [];
  const read = (async () => {
    for await (const { length } of events) {
      chunks.push(length);
      setTimeout(() => {
        collectGarbage();
        setTimeout(() => stop.abort(new Error("enough")), 50);
      }, 50);
    }
  })();
  await expect(read).rejects.toThrow("enough");
  expect(chunks).toEqual([10]);
});
