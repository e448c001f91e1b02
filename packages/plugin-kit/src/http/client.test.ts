import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Behaviour, faultyServer, json } from "@agent-orchestrator/testkit/faulty-server";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { failureOf, makeHttp } from "./testing/make-http.ts";

/** Fails the first times. */
const after = (times: number, bad: Behaviour, good = json({ ok: true })): Behaviour => {
  return (request, response, count) => (count < times ? bad : good)(request, response, count);
};

/** Confirms what the caller knows, as a real API does. */
const tagged =
  (data: unknown, tag: string, headers: Record<string, string> = {}): Behaviour =>
  (request, response, count) => {
    if (request.headers["if-none-match"] === tag) return void response.writeHead(304, { etag: tag, ...headers }).end();
    return json(data, { etag: tag, ...headers })(request, response, count);
  };

test.each([
  [429, { "retry-after": "0.3" }],
  [403, { "retry-after": "0.3" }],
  [503, { "retry-after": "0.3" }],
  [503, { "retry-after": new Date(Date.now() + 1_000).toUTCString() }],
  [500, {}],
  [502, {}],
  [504, {}],
  [408, {}],
])("%i with %j is asked again, after the time that it names", async (status, headers) => {
  const server = await faultyServer();
  server.on("/x", after(1, json({ message: "later" }, headers, status)));
  const http = makeHttp(server.origin, { retries: 2 });
  const startMs = performance.now();
  expect(await http.json(`${server.origin}/x`)).toEqual({ ok: true });
  if (Object.values(headers).includes("0.3")) expect(performance.now() - startMs).toBeGreaterThan(280);
  expect(http.budget()).toMatchObject({ requests: 2, retries: 1 });
});

test.each([400, 401, 403, 404, 410, 422, 501])("%i is an answer, and not asked again", async (status) => {
  const server = await faultyServer();
  server.on("/x", json({ message: "no" }, {}, status));
  const http = makeHttp(server.origin, { retries: 3 });
  expect(await (await http.fetch(`${server.origin}/x`)).json()).toEqual({ message: "no" });
  const failure = await failureOf(http.json(`${server.origin}/x`));
  expect(failure).toMatchObject({ kind: "status", status, body: '{"message":"no"}' });
  expect(server.seen).toHaveLength(2);
});

test("a wait that is longer than the time left is told to the caller, and nothing is sent meanwhile", async () => {
  const server = await faultyServer();
  server.on("/x", json({ message: "slow down" }, { "retry-after": "600" }, 429));
  const http = makeHttp(server.origin, { retries: 3 });
  expect((await http.fetch(`${server.origin}/x`)).status).toBe(429);
  const { kind, error } = await failureOf(http.json(`${server.origin}/y`));
  expect([kind, error.code]).toEqual(["limited", "TRY_AGAIN"]);
  expect(error.message).toBe("the quota of Hub is used up as far as ao may use it, for another 10 min");
  expect(http.waitMs()).toBeGreaterThan(590_000);
  expect(server.seen).toHaveLength(1);
  expect(http.lines).toContain("Hub asks ao to wait 600 s (status 429)");
});

test("what may not be sent twice is sent once, unless the plugin says that it does no harm", async () => {
  const server = await faultyServer();
  for (const path of ["/issues", "/graphql"]) server.on(path, after(1, json({}, {}, 502)));
  const isSafe = ({ body }: { body: string | null }) => body?.startsWith('{"query":"query') === true;
  const http = makeHttp(server.origin, { retries: 2, isSafe });
  const post = (path: string, body: string) => http.fetch(`${server.origin}${path}`, { method: "POST", body });
  expect((await post("/issues", '{"title":"x"}')).status).toBe(502);
  expect((await post("/graphql", '{"query":"query {a}"}')).status).toBe(200);
  expect(server.seen.map(({ url }) => url)).toEqual(["/issues", "/graphql", "/graphql"]);
});

test("an answer that has not changed costs no quota and comes from the disk, also for the next daemon", async () => {
  const server = await faultyServer();
  const rate = { "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "4999", "x-ratelimit-reset": "9999999999" };
  server.on("/pulls", tagged([{ number: 1 }], '"v1"', rate));
  const dir = join(tempDir("ao-http"), "answers");
  const headers = { authorization: "Bearer one" };
  for (const notModified of [0, 1, 1]) {
    const http = makeHttp(server.origin, { store: { dir } });
    const response = await http.fetch(`${server.origin}/pulls`, { headers });
    expect([response.status, await response.json(), response.headers.get("content-type")]).toEqual([
      200,
      [{ number: 1 }],
      "application/json",
    ]);
    expect(http.budget()).toMatchObject({ notModified, quotas: [{ remaining: 4999 }] });
  }
  // Another token sees what it may see itself.
  await makeHttp(server.origin, { store: { dir } }).fetch(`${server.origin}/pulls`, {
    headers: { authorization: "Bearer two" },
  });
  expect(server.seen.map((one) => one.headers["if-none-match"])).toEqual([undefined, '"v1"', '"v1"', undefined]);
  server.on("/pulls", tagged([], '"v2"', rate));
  expect(await makeHttp(server.origin, { store: { dir } }).json(`${server.origin}/pulls`)).toEqual([]);
  expect(readdirSync(dir).join()).not.toMatch(/one|two|pulls/);
});

test.each<[string, Record<string, string>, RequestInit]>([
  ["that must not be kept", { "cache-control": "no-store" }, {}],
  ["to a request of another kind", {}, { method: "POST", body: "x" }],
  ["to a caller with a condition of its own", {}, { headers: { "if-none-match": '"mine"' } }],
])("an answer %s is not kept", async (...[, headers, init]) => {
  const server = await faultyServer();
  server.on("/x", tagged({}, '"v1"', headers));
  const dir = join(tempDir("ao-http"), "answers");
  const http = makeHttp(server.origin, { store: { dir } });
  await http.fetch(`${server.origin}/x`, init);
  await http.fetch(`${server.origin}/x`, init);
  expect(server.seen[1]?.headers["if-none-match"]).toBe(server.seen[0]?.headers["if-none-match"]);
});

test("a part of the quota is left to others, and the wait is told", async () => {
  const server = await faultyServer();
  const reset = Math.floor(Date.now() / 1000) + 1800;
  const rate = { "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "1000", "x-ratelimit-reset": String(reset) };
  server.on("/x", json({}, rate));
  server.on("/graphql", json({}, { ...rate, "x-ratelimit-remaining": "4000", "x-ratelimit-resource": "graphql" }));
  const resourceOf = ({ url }: { url: URL }) => (url.pathname === "/graphql" ? "graphql" : "core");
  const http = makeHttp(server.origin, { resourceOf });
  await http.json(`${server.origin}/x`);
  const { kind, error } = await failureOf(http.json(`${server.origin}/x`));
  expect([kind, error.message]).toEqual(["limited", expect.stringMatching(/for another 30 min$/)]);
  await http.json(`${server.origin}/graphql`);
  expect(http.budget().quotas.map(({ resource, remaining, reserved }) => [resource, remaining, reserved])).toEqual([
    ["core", 1_000, 1_000],
    ["graphql", 4_000, 1_000],
  ]);
});

test("no secret reaches an error or the log", async () => {
  const server = await faultyServer();
  const token = "tok-0123456789abcdef";
  server.on(`/repos/${token}/x`, json({ message: `bad credentials: ${token}` }, {}, 401));
  server.on(`/repos/${token}/y`, (_request, response) => void response.socket?.destroy());
  const http = makeHttp(server.origin, { secrets: () => [token], retries: 1 });
  const headers = { authorization: `Bearer ${token}` };
  const failures = [];
  for (const path of ["x", "y"]) {
    const url = `${server.origin}/repos/${token}/${path}?access_token=${token}`;
    failures.push(await failureOf(http.json(url, { headers })).catch((error: unknown) => ({ kind: "thrown", error })));
  }
  expect(failures.map(({ kind }) => kind)).toEqual(["status", "network"]);
  const words = failures.map(({ error }) => {
    const { message, stack, cause, details, hint } = error as Error & { details?: unknown; hint?: string };
    return [message, stack, String(cause), JSON.stringify(details), hint];
  });
  expect(JSON.stringify([words, http.lines])).not.toContain(token);
});

test("many requests at once take turns, and each gets its own answer", async () => {
  const server = await faultyServer();
  let most = 0;
  server.on("/x", async (request, response, count) => {
    most = Math.max(most, server.pending());
    await new Promise((resolve) => setTimeout(resolve, 5));
    return json({ url: request.url })(request, response, count);
  });
  const http = makeHttp(server.origin, { concurrency: 4 });
  const giveUp = new AbortController();
  const asked = Array.from({ length: 60 }, (_, index) => http.json(`${server.origin}/x?n=${index}`));
  const waiting = http.json(`${server.origin}/x?n=never`, { signal: giveUp.signal }).catch((error: unknown) => error);
  const reason = new Error("not any more");
  giveUp.abort(reason);
  expect(await waiting).toBe(reason);
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 60 }, (_, index) => ({ url: `/x?n=${index}` })));
  expect([most, server.seen.length]).toEqual([4, 60]);
});

test("a body that cannot be sent again is refused before anything is sent", async () => {
  const server = await faultyServer();
  const body = new ReadableStream();
  await expect(makeHttp(server.origin).fetch(server.origin, { method: "POST", body })).rejects.toThrow(TypeError);
  expect(server.seen).toEqual([]);
});

test("an address with a password in it is a mistake, which is reported without it", async () => {
  const origin = "https://me:pw-123456@api.example.com";
  const error = await makeHttp("https://api.example.com")
    .fetch(`${origin}/x`)
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "CONFIG",
    message: "the address of api.example.com contains a user or a password",
  });
});
