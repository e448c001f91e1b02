import { type AddressInfo, createServer } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { type Behaviour, faultyServer, json } from "@agent-orchestrator/testkit/faulty-server";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import type { HttpFailure, HttpOptions } from "./client.ts";
import { failureOf, makeHttp } from "./testing/make-http.ts";

const JSON_TYPE = { "content-type": "application/json" };

/** One letter every 20 ms, until the other side has enough. */
const drip: Behaviour = (_request, response) => {
  response.writeHead(200, JSON_TYPE);
  const next = () => {
    if (!response.destroyed) response.write(" ", () => setTimeout(next, 20));
  };
  next();
};

/** 64 MiB that travel as 64 KiB. */
const BOMB = gzipSync(Buffer.alloc(64 << 20, 32));
const BROTLI_BOMB = brotliCompressSync(Buffer.alloc(16 << 20, 32));

interface Row {
  behaviour: Behaviour;
  kind: HttpFailure["kind"];
  /** The whole message, without its address. */
  says: RegExp;
  options?: Partial<HttpOptions>;
}

const SHORT = { attemptMs: 300 };

const FAULTS: Record<string, Row> = {
  "never answers": {
    behaviour: () => undefined,
    kind: "timeout",
    says: /^Hub did not answer within 0\.3 s: GET/,
    options: SHORT,
  },
  "sends headers and no body": {
    behaviour: (_request, response) => response.writeHead(200, JSON_TYPE).flushHeaders(),
    kind: "timeout",
    says: /^Hub did not answer within 0\.3 s/,
    options: SHORT,
  },
  "drips for ever": { behaviour: drip, kind: "timeout", says: /did not answer within 0\.3 s/, options: SHORT },
  "resets the connection": {
    behaviour: (_request, response) => void response.socket?.resetAndDestroy(),
    kind: "network",
    says: /failed: the connection broke$/,
  },
  "closes without an answer": {
    behaviour: (_request, response) => void response.socket?.destroy(),
    kind: "network",
    says: /failed: the connection broke$/,
  },
  "cuts a body of known length": {
    behaviour: (_request, response) => {
      response.writeHead(200, { ...JSON_TYPE, "content-length": "100" });
      response.write('{"a":', () => response.socket?.end());
    },
    kind: "network",
    says: /failed: (the connection broke|the answer is not as long as it says)$/,
  },
  "cuts a chunked body": {
    behaviour: (_request, response) => {
      response.writeHead(200, JSON_TYPE);
      response.write('{"a":1}', () => response.socket?.end());
    },
    kind: "network",
    says: /failed: the connection broke$/,
  },
  "is shorter than it says": {
    behaviour: (_request, response) => {
      response.socket?.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"a":1}`);
    },
    kind: "network",
    says: /failed: (the connection broke|the answer is not as long as it says)$/,
  },
  "is longer than it says": {
    behaviour: (_request, response) => {
      response.socket?.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n{"a":1}`);
    },
    kind: "malformed",
    says: /was answered with incomplete data$/,
  },
  "sends half a document": {
    behaviour: (_request, response) => void response.writeHead(200, JSON_TYPE).end('{"items":[1,2'),
    kind: "malformed",
    says: /was answered with incomplete data$/,
  },
  "sends a web page": {
    behaviour: (_request, response) =>
      void response.writeHead(200, { "content-type": "text/html" }).end("<html>Unicorn!"),
    kind: "malformed",
    says: /was answered with a web page$/,
  },
  "speaks no HTTP": {
    behaviour: (_request, response) => void response.socket?.end("SSH-2.0-OpenSSH_9.2\r\n"),
    kind: "network",
    says: /does not speak HTTP properly$/,
  },
  "announces too much": {
    behaviour: (_request, response) =>
      void response.writeHead(200, { "content-length": String(1 << 30) }).flushHeaders(),
    kind: "too-large",
    says: /: the answer is larger than 1 MiB$/,
  },
  "sends too much": {
    behaviour: (_request, response) => void response.writeHead(200).end(Buffer.alloc(2 << 20)),
    kind: "too-large",
    says: /larger than 1 MiB$/,
  },
  "sends a gzip bomb": {
    behaviour: (_request, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(BOMB),
    kind: "too-large",
    says: /larger than 1 MiB$/,
  },
  "sends a brotli bomb": {
    behaviour: (_request, response) => void response.writeHead(200, { "content-encoding": "br" }).end(BROTLI_BOMB),
    kind: "too-large",
    says: /larger than 1 MiB$/,
  },
  "packs wrongly": {
    behaviour: (_request, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end("not gzip"),
    kind: "network",
    says: /failed: the answer is packed wrongly$/,
  },
  "cuts what it packed": {
    behaviour: (_request, response) =>
      void response.writeHead(200, { "content-encoding": "gzip" }).end(BOMB.subarray(0, 50)),
    kind: "malformed",
    says: /was answered with incomplete data$/,
  },
  "redirects in a circle": {
    behaviour: (request, response) => void response.writeHead(302, { location: request.url }).end(),
    kind: "malformed",
    says: /was redirected more than 5 times$/,
  },
  "redirects to nowhere": {
    behaviour: (_request, response) => void response.writeHead(302, { location: "http://[" }).end(),
    kind: "malformed",
    says: /was redirected to something that is no address$/,
  },
  "answers 500 with a web page": {
    behaviour: (_request, response) =>
      void response.writeHead(500, { "content-type": "text/html" }).end("<html>no</html>"),
    kind: "status",
    says: /^Hub answered 500 to GET [^:]+:[^:]+:\d+\/x$/,
  },
  "answers 404 with its reason": {
    behaviour: json({ message: "No such thing ghp_abcdefghijklmnopqrst" }, {}, 404),
    kind: "status",
    says: /^Hub answered 404 to GET .*\/x: No such thing \[secret\]$/,
  },
};

test.each(Object.entries(FAULTS))(
  "a server that %s is one clear failure, and leaves nothing open",
  async (_what, row) => {
    const server = await faultyServer();
    server.on("/x", row.behaviour);
    const http = makeHttp(server.origin, { maxBytes: 1 << 20, ...row.options });
    const { kind, error } = await failureOf(http.json(`${server.origin}/x?token=hidden`));
    expect([kind, error.message]).toEqual([row.kind, expect.stringMatching(row.says)]);
    expect(error.message).not.toContain("hidden");
    await waitFor(() => server.pending() === 0, { what: "the request to end" });
  },
);

/** A circle that ends by itself is none. */
const PASSING = Object.entries(FAULTS).filter(
  ([what, { kind }]) => ["timeout", "network", "malformed"].includes(kind) && what !== "redirects in a circle",
);

test.each(PASSING)(
  "a server that %s once is asked again, if asking twice does no harm",
  async (_what, { behaviour }) => {
    const server = await faultyServer();
    const good = json({ ok: true });
    server.on("/x", (request, response, count) => (count === 0 ? behaviour : good)(request, response, count));
    const http = makeHttp(server.origin, { ...SHORT, retries: 3 });
    expect(await http.json(`${server.origin}/x`)).toEqual({ ok: true });
    // On a busy machine, a good attempt may be late too.
    expect(server.seen.length).toBeGreaterThan(1);
    expect(http.budget()).toMatchObject({ requests: server.seen.length, retries: server.seen.length - 1 });
  },
);

test("nothing that listens there, and a name that does not exist, are said in words", async () => {
  const placeholder = createServer();
  await new Promise<void>((resolve) => placeholder.listen(0, "127.0.0.1", resolve));
  const { port } = placeholder.address() as AddressInfo;
  await new Promise((resolve) => placeholder.close(resolve));
  const closed = `http://127.0.0.1:${port}`;
  const refused = await failureOf(makeHttp(closed).json(`${closed}/x`));
  expect(refused.error.message).toBe(`GET ${closed}/x failed: nothing answers at 127.0.0.1:${port}`);
  const gone = "https://no-such-host.invalid";
  const unknown = await failureOf(makeHttp(gone).json(`${gone}/x`));
  expect(unknown.error.message).toBe(`GET ${gone}/x failed: the name no-such-host.invalid could not be resolved`);
  expect([refused.kind, unknown.kind]).toEqual(["network", "network"]);
});

test("the caller's signal ends a request at once, with its own reason, and no retry", async () => {
  const server = await faultyServer();
  server.on("/x", drip);
  const http = makeHttp(server.origin, { retries: 3 });
  const giveUp = new AbortController();
  const asked = http.fetch(`${server.origin}/x`, { signal: giveUp.signal }).catch((error: unknown) => error);
  await waitFor(() => server.seen.length === 1);
  const reason = new Error("the daemon is stopping");
  const startMs = performance.now();
  giveUp.abort(reason);
  expect(await asked).toBe(reason);
  expect(performance.now() - startMs).toBeLessThan(500);
  await waitFor(() => server.pending() === 0);
  expect(server.seen).toHaveLength(1);
});

test("the deadline holds for all attempts together", async () => {
  const server = await faultyServer();
  server.on("/x", () => undefined);
  const http = makeHttp(server.origin, { attemptMs: 200, deadlineMs: 700, retries: 50 });
  const startMs = performance.now();
  const { kind } = await failureOf(http.json(`${server.origin}/x`));
  expect(kind).toBe("timeout");
  expect(performance.now() - startMs).toBeLessThan(2_000);
});
