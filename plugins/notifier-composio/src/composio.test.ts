import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import { notifierContract, sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import type { Behaviour } from "@agent-orchestrator/testkit/faulty-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { API_KEY, apiError, TOOL, VERSION } from "./testing/api.ts";
import { notifierAt, testComposio } from "./testing/notifier.ts";

const sockets = new Set<Socket>();
let silent: Server;
beforeAll(async () => {
  silent = createServer((socket) => void sockets.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
});

const EXECUTE = `/api/v3.1/tools/execute/${TOOL}`;
const DESCRIBE = `/api/v3.1/tools/${TOOL}`;

notifierContract("composio, with the real client and an API on loopback", {
  reachable: async () => {
    const { notifier, executed } = await testComposio({ arguments: { title: "{{title}}", body: "{{message}}" } });
    const plain = (value: unknown) => String(value).replaceAll("\u2060", "");
    const seen = () =>
      executed.map((one) => ({ title: plain(one.arguments?.title), body: plain(one.arguments?.body) }));
    return { notifier, seen };
  },
  // Nothing listens on a port of the system's that no service has.
  unreachable: () => notifierAt("http://127.0.0.1:2").notifier,
  stalled: () => notifierAt(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`).notifier,
});

test("the tool is executed in the pinned version with the account of the config, and nothing else is asked or told", async () => {
  const { notifier, server, executed } = await testComposio({ arguments: { channel: "#ao", text: "{{message}}" } });
  await notifier.notify(sampleEvent());
  expect(executed).toEqual([
    {
      ...{ user_id: "me", connected_account_id: "ca_1", version: VERSION },
      arguments: { channel: "#ao", text: "Which database?" },
    },
  ]);
  expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
    `GET ${DESCRIBE}?version=${VERSION}`,
    `POST ${EXECUTE}`,
  ]);
  for (const { headers } of server.seen) {
    expect(headers["x-api-key"]).toBe(API_KEY);
    expect(headers["user-agent"]).toBe("agent-orchestrator");
    expect(Object.keys(headers).filter((name) => name.startsWith("x-stainless"))).toEqual([]);
  }
});

const at = (path: string, behaviour: Behaviour) => ({ path, behaviour });
const FAULTS: Record<string, { path: string; behaviour: Behaviour; is: object }> = {
  "a tool that is unknown": {
    ...at(DESCRIBE, apiError([404, 2401], `Tool ${TOOL} not found`)),
    is: {
      code: "UNAVAILABLE",
      message: expect.stringContaining("does not know SLACK"),
      details: { status: 404, isFinal: true },
    },
  },
  "a key that is refused": {
    ...at(DESCRIBE, apiError([401, 10401], `Invalid API key ${API_KEY}`)),
    is: {
      code: "UNAVAILABLE",
      message: "Composio does not accept the key (401)",
      details: { status: 401, isFinal: true },
    },
  },
  "arguments that are refused": {
    ...at(EXECUTE, apiError([400, 1001], `channel is required ${API_KEY}`)),
    is: {
      code: "UNAVAILABLE",
      message: expect.stringMatching(/^Composio answered 400: channel is required \[secret\]/),
      details: { status: 400, isFinal: true },
    },
  },
  "an account that is not connected": {
    ...at(EXECUTE, apiError([400, 1803], "No connected account found")),
    is: {
      code: "UNAVAILABLE",
      message: expect.stringContaining("no connected account ca_1 for SLACK"),
      details: undefined,
    },
  },
  "too many requests": {
    ...at(EXECUTE, apiError([429, 429], "slow down", { "retry-after": "30" })),
    is: {
      code: "UNREACHABLE",
      message: expect.stringMatching(/asks to wait 30 ?s/),
      details: { status: 429, retryAfterMs: 30_000 },
    },
  },
  "too many requests for the description": {
    ...at(DESCRIBE, apiError([429, 429], "slow down", { "retry-after": "30" })),
    is: { code: "UNREACHABLE", details: { status: 429, retryAfterMs: 30_000 } },
  },
  "a server's error": {
    ...at(EXECUTE, apiError([500, 500], `broken ${API_KEY}`)),
    is: { code: "UNREACHABLE", message: "Composio answered 500: broken [secret]", details: { status: 500 } },
  },
  "a redirect": {
    ...at(EXECUTE, (_request, response) => void response.writeHead(307, { location: "https://evil.example/" }).end()),
    is: { code: "UNAVAILABLE", message: "Composio answered 307", details: { status: 307, isFinal: true } },
  },
  "a broken connection": {
    ...at(EXECUTE, (_request, response) => void response.socket?.resetAndDestroy()),
    is: { code: "UNREACHABLE", message: expect.stringMatching(/^Composio was not reached: .*the connection broke$/) },
  },
  "a web page": {
    ...at(
      EXECUTE,
      (_request, response) => void response.writeHead(200, { "content-type": "text/html" }).end(`<b>${API_KEY}</b>`),
    ),
    is: { code: "UNREACHABLE", message: expect.stringMatching(/^Composio was not reached: .*web page/) },
  },
};

test.each(Object.entries(FAULTS))(
  "%s is said as what it is, without the key",
  async (_what, { path, behaviour, is }) => {
    const { notifier, server, lines } = await testComposio();
    server.on(path, behaviour);
    const thrown: unknown = await notifier.notify(sampleEvent()).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ ...is, hint: expect.any(String) });
    const { message, hint, details, cause } = thrown as Error & { hint: string; details: unknown };
    expect(JSON.stringify([message, hint, details, String(cause), lines])).not.toContain("S3cret");
    // What may have been executed is not executed again here.
    expect(server.seen.filter(({ method }) => method === "POST").length).toBeLessThanOrEqual(1);
  },
);

test("a tool that ran and failed is a failure, with its own words", async () => {
  const { notifier, answers, executed } = await testComposio();
  answers.push({ data: {}, error: `not_in_channel \u001b[31m${API_KEY}`, successful: false });
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({
    ...{ code: "FAILED", message: "SLACK_SEND_MESSAGE failed: not_in_channel [secret]", details: undefined },
  });
  await notifier.notify(sampleEvent());
  expect(executed).toHaveLength(2);
});

test("doctor learns of a wrong key, tool, version or account, and nothing is executed", async () => {
  const { notifier, api, server, executed } = await testComposio();
  expect(await notifier.check?.()).toEqual({ ok: true, text: "notifications through SLACK_SEND_MESSAGE of Composio" });
  api.account.status = "EXPIRED";
  expect(await notifier.check?.()).toMatchObject({ ok: false, text: "the account ca_1 is expired at Composio" });
  const checked = async (more: object) => notifierAt(server.origin, { ...more }).notifier.check?.();
  expect(await checked({ apiKey: "ak_another_one" })).toMatchObject({
    ok: false,
    text: expect.stringContaining("key"),
  });
  expect(await checked({ version: "20200101_00" })).toMatchObject({
    ok: false,
    text: expect.stringContaining("version"),
  });
  expect(await checked({ tool: "SLACK_SEND" })).toMatchObject({
    ok: false,
    text: expect.stringContaining("SLACK_SEND"),
  });
  expect(await checked({ connectedAccountId: "ca_2" })).toMatchObject({ ok: false });
  expect(executed).toEqual([]);
});

test("a server that answers too late is given up before core does", async () => {
  const { notifier, server } = await testComposio();
  server.on(EXECUTE, () => undefined);
  const began = performance.now();
  const thrown: unknown = await notifier.notify(sampleEvent()).catch((error: unknown) => error);
  expect(isAoError(thrown) && [thrown.code, thrown.message]).toEqual([
    "UNREACHABLE",
    expect.stringContaining("Composio was not reached"),
  ]);
  expect(performance.now() - began).toBeLessThan(9_900);
}, 20_000);

test("event → execution at Composio, p95", async () => {
  const { notifier, server, executed } = await testComposio();
  await notifier.check?.();
  const durations: number[] = [];
  for (let count = 0; count < 100; count++) {
    const began = performance.now();
    await notifier.notify(sampleEvent({ id: `n${count}` }));
    durations.push(performance.now() - began);
  }
  const p95 = durations.sort((a, b) => a - b)[Math.floor(durations.length * 0.95)] ?? Number.NaN;
  console.log(JSON.stringify({ figure: "event → execution at Composio, p95", ms: Number(p95.toFixed(1)) }));
  expect([executed.length, server.pending()]).toEqual([100, 0]);
  expect(p95).toBeLessThan(2_000);
});
