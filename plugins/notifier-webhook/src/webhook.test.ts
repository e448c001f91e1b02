import { createHmac } from "node:crypto";
import type { lookup } from "node:dns";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NotificationDocument, notificationSchemaText } from "@agent-orchestrator/core/model/notification";
import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { type Behaviour, CA_FILE, faultyServer, json } from "@agent-orchestrator/testkit/faulty-server";
import { expect, test } from "vitest";
import { SECRET_PATH, testHook, withOptions } from "./testing/hook.ts";

const status =
  (code: number, headers: Record<string, string> = {}, body = ""): Behaviour =>
  (_request, response) =>
    void response.writeHead(code, headers).end(body);
/** One behaviour after the other. The last one stays. */
const inTurn =
  (...behaviours: Behaviour[]): Behaviour =>
  (request, response, count) =>
    behaviours[Math.min(count, behaviours.length - 1)]?.(request, response, count);

const reset: Behaviour = (_request, response) => void response.socket?.resetAndDestroy();
const cut: Behaviour = (_request, response) => {
  response.writeHead(200, { "content-length": "100" });
  response.write("{", () => response.socket?.destroy());
};

const QUESTION = {
  ...{ dialogId: "d1", kind: "permission", text: "Run the migration?", choices: ["Yes", "No, use a copy"] },
  ...{ takesText: false, canAlways: false, onlyInTerminal: null },
};

test("the event arrives as the documented document, with what is needed to act on it", async () => {
  const { notifier, posts } = await testHook();
  const data = { question: QUESTION, pr: 7, url: "https://github.com/a/b/pull/7" };
  await notifier.notify(sampleEvent({ data }));
  const [post] = posts();
  expect(post?.headers["content-type"]).toBe("application/json");
  const body = JSON.parse(post?.body ?? "") as unknown;
  expect(NotificationDocument.parse(body)).toEqual({
    ...{ version: 1, id: "abcdefghijklmnop", ts: "2026-01-01T00:00:00.000Z", type: "session.needs_input" },
    ...{ priority: "urgent", projectId: "app", sessionId: "app-1", title: "app-1 asks a question" },
    message: "Which database?",
    question: { text: "Run the migration?", choices: QUESTION.choices, takesText: false, onlyInTerminal: null },
    links: [{ label: "Pull request #7", url: "https://github.com/a/b/pull/7" }],
    command: "ao answer app-1",
    data,
  });
});

test("the schema in schema/ is the one of the documents that are sent", () => {
  const file = join(import.meta.dirname, "../../../schema/notification.schema.json");
  expect(readFileSync(file, "utf8")).toBe(notificationSchemaText());
});

test("a request is signed over its time and body, and has the event's id as its key", async () => {
  const secret = "a secret of the receiver";
  const { notifier, posts } = await testHook({ secret, headers: { "X-Team": "red" } });
  await notifier.notify(sampleEvent({ id: "notify:app-1:grün 1" }));
  const [post] = posts();
  const { headers = {}, body } = post ?? {};
  const expected = createHmac("sha256", secret).update(`${headers["ao-timestamp"]}.${body}`).digest("hex");
  expect(headers["ao-signature"]).toBe(`v1=${expected}`);
  expect(Math.abs(Number(headers["ao-timestamp"]) - Date.now() / 1000)).toBeLessThan(60);
  expect(headers["idempotency-key"]).toBe("notify%3Aapp-1%3Agr%C3%BCn%201");
  expect(headers["x-team"]).toBe("red");
});

test.each<[string, Behaviour]>([
  ["500", status(500)],
  ["503 with Retry-After", status(503, { "retry-after": "0.2" })],
  ["429 with Retry-After", status(429, { "retry-after": "0.2" })],
  ["a connection that breaks", reset],
  ["an answer that is cut", cut],
])("after %s it is sent again, with the same key and body", async (_what, fault) => {
  const { server, notifier, posts } = await testHook();
  server.on(SECRET_PATH, inTurn(fault, fault, status(200)));
  await notifier.notify(sampleEvent());
  expect(posts()).toHaveLength(3);
  expect(new Set(posts().map(({ body, headers }) => `${headers["idempotency-key"]} ${body}`)).size).toBe(1);
});

test("a wait that is longer than the call is left to the caller, and nothing is sent before it is over", async () => {
  const { server, notifier, posts } = await testHook();
  server.on(SECRET_PATH, status(429, { "retry-after": "120" }));
  const refused = { code: "UNREACHABLE", message: "the webhook answered 429 and asks to wait 2 m" };
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({
    ...refused,
    details: { retryAfterMs: 120_000 },
  });
  const second = notifier.notify(sampleEvent({ id: "second" }));
  await expect(second).rejects.toMatchObject({ code: "TRY_AGAIN", details: { retryAfterMs: expect.any(Number) } });
  expect(posts()).toHaveLength(1);
  expect(await notifier.check?.()).toMatchObject({ ok: false, text: expect.stringContaining("wait") });
});

test("what a chat says in its body of a wait counts as well", async () => {
  const { server, notifier } = await testHook({ format: "discord" });
  server.on(SECRET_PATH, json({ message: "You are being rate limited.", retry_after: 64.5 }, {}, 429));
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({
    message: "Discord answered 429 and asks to wait 1 m: You are being rate limited.",
    details: { retryAfterMs: 64_500 },
  });
});

test("410 ends it: nothing more is sent, doctor hears of it, and only the user's own test tries again", async () => {
  const { server, notifier, posts } = await testHook();
  server.on(SECRET_PATH, inTurn(status(410), status(200)));
  const gone = { code: "UNAVAILABLE", message: expect.stringContaining("gone for good"), hint: expect.any(String) };
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject(gone);
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject(gone);
  expect(posts()).toHaveLength(1);
  expect(await notifier.check?.()).toMatchObject({ ok: false, text: expect.stringContaining("gone for good") });
  await notifier.notify(sampleEvent({ type: "notify.test" }));
  await notifier.notify(sampleEvent());
  expect(posts()).toHaveLength(3);
  expect(await notifier.check?.()).toMatchObject({ ok: true });
});

test.each([
  [400, "invalid_payload"],
  [401, "no"],
  [404, "channel_not_found"],
])("%i is not tried again, and is known to doctor", async (code, words) => {
  const { server, notifier, posts } = await testHook();
  server.on(SECRET_PATH, status(code, {}, words));
  const refused = { code: "UNAVAILABLE", message: `the webhook answered ${code}: ${words}`, hint: expect.any(String) };
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject(refused);
  expect([posts().length, (await notifier.check?.())?.ok]).toEqual([1, false]);
});

test("a refusal that a connector of Teams wraps in a success is a refusal", async () => {
  const { server, notifier } = await testHook({ format: "teams" });
  const words = "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413";
  server.on(SECRET_PATH, status(200, {}, words));
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({ details: { status: 413 } });
});

test("a preview is the body that is sent, without what is secret of it, and sends nothing", async () => {
  const { notifier, posts } = await testHook();
  const event = sampleEvent({ data: { question: QUESTION } });
  const shown = notifier.preview?.(event);
  expect(posts()).toEqual([]);
  await notifier.notify(event);
  expect(shown).toBe(posts()[0]?.body);
  const topic = "S3cret-topic-of-mine";
  const { notifier: ntfy } = withOptions({
    url: `https://ntfy.example/${topic}`,
    format: "ntfy",
    token: "S3cret-token",
  });
  expect(ntfy.preview?.(event)).toContain('"title":');
  expect(ntfy.preview?.(event)).not.toContain("S3cret");
});

test("a redirect is not followed, wherever it leads", async () => {
  const inner = await faultyServer();
  const { server, notifier, posts } = await testHook();
  for (const [at, code] of [301, 302, 303, 307, 308].entries()) {
    server.on(SECRET_PATH, status(code, { location: `${inner.origin}/secret` }));
    const refused = notifier.notify(sampleEvent());
    await expect(refused).rejects.toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("redirects") });
    expect([posts().length, inner.seen.length]).toEqual([at + 1, 0]);
  }
});

test("a server that answers too late is given up within the call's time", async () => {
  const { server, notifier } = await testHook();
  server.on(SECRET_PATH, () => undefined);
  const began = performance.now();
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({
    code: "UNREACHABLE",
    message: expect.stringMatching(/^the webhook was not reached: no answer within \d s$/),
  });
  expect(performance.now() - began).toBeLessThan(9_900);
}, 20_000);

/** Every name has these addresses. */
const resolvesTo = (...addresses: string[]) =>
  ((_name: string, _options: unknown, done: (error: null, found: object[]) => void) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    )) as unknown as typeof lookup;

test.each([
  "https://127.0.0.1:PORT/x",
  "https://localhost:PORT/x",
  "https://0x7f000001:PORT/x",
  "https://[::1]:PORT/x",
  "https://[::ffff:127.0.0.1]:PORT/x",
  "https://10.0.0.1/x",
  "https://169.254.169.254/latest/meta-data",
  "https://[fe80::1]/x",
  "https://printer.local/x",
  "https://metadata.google.internal/x",
])("%s is refused unless the config allows it, and nothing is sent", async (address) => {
  const server = await faultyServer({ tls: "server" });
  const url = address.replace("PORT", String(new URL(server.origin).port));
  const { notifier } = withOptions({ url });
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({
    ...{ code: "REFUSED", message: expect.stringContaining("private network") },
    hint: expect.stringContaining("allowPrivate"),
  });
  expect((await notifier.check?.())?.ok).toBe(false);
  expect(server.seen).toEqual([]);
});

test.each([["127.0.0.1"], ["10.0.0.1"], ["::1"], ["fd00::1"], ["169.254.169.254"], ["8.8.8.8", "127.0.0.1"]])(
  "a public name that resolves to %s is refused where it would be connected to",
  async (...addresses) => {
    const server = await faultyServer({ tls: "server" });
    const { port } = new URL(server.origin);
    const lookUp = resolvesTo(...addresses);
    const { notifier } = withOptions({ url: `https://hooks.example.com:${port}/x`, ca: CA_FILE }, { lookUp });
    await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({
      code: "REFUSED",
      message: expect.stringContaining("resolves to an address in a private network"),
    });
    expect(server.seen).toEqual([]);
  },
);

test("the certificate is verified, and an authority of one's own can be named", async () => {
  const unknown = await testHook({}, { tls: "server" });
  await expect(unknown.notifier.notify(sampleEvent())).rejects.toMatchObject({ code: "UNAVAILABLE" });
  expect(unknown.posts()).toEqual([]);
  const known = await testHook({ ca: CA_FILE }, { tls: "server" });
  await known.notifier.notify(sampleEvent());
  expect(known.posts()).toHaveLength(1);
});

test.each([
  ["plain", {}, {}],
  ["TLS, by the way that public addresses go", { ca: CA_FILE }, { tls: "server" }],
] as const)("event → POST, p95: %s", async (way, options, world) => {
  const { server, notifier, posts } = await testHook(options, world);
  const arrived = new Map<string, number>();
  server.on(SECRET_PATH, ({ headers }, response) => {
    arrived.set(String(headers["idempotency-key"]), performance.now());
    response.writeHead(204).end();
  });
  const durations: number[] = [];
  for (let count = 0; count < 200; count++) {
    const began = performance.now();
    await notifier.notify(sampleEvent({ id: `n${count}` }));
    durations.push((arrived.get(`n${count}`) ?? Number.NaN) - began);
  }
  const p95 = durations.sort((a, b) => a - b)[Math.floor(durations.length * 0.95)] ?? Number.NaN;
  console.log(JSON.stringify({ figure: "event → webhook POST, p95", way, ms: Number(p95.toFixed(1)), goal: 250 }));
  expect(posts()).toHaveLength(200);
  expect(p95).toBeLessThan(250);
});
