import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CA_FILE, faultyServer, json } from "@agent-orchestrator/testkit/faulty-server";
import { proxyServer } from "@agent-orchestrator/testkit/proxy-server";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { failureOf, makeHttp } from "./testing/make-http.ts";

const portOf = (origin: string): number => Number(new URL(origin).port);

test.each([
  ["server", "an unknown authority"],
  ["expired", "a certificate that has expired"],
] as const)("a server with its %s certificate is refused: %s", async (tls, _what) => {
  const server = await faultyServer({ tls });
  server.on("/x", json({}));
  const more = tls === "expired" ? { ca: CA_FILE } : {};
  const { kind, error } = await failureOf(makeHttp(server.origin, { retries: 2, ...more }).json(`${server.origin}/x`));
  expect([kind, error.code]).toEqual(["certificate", "UNAVAILABLE"]);
  expect(error.message).toMatch(/^the certificate of 127\.0\.0\.1:\d+ is not valid here: /);
  expect(error.hint).toContain("NODE_EXTRA_CA_CERTS");
  expect(server.seen).toEqual([]);
});

test("an authority of one's own counts by option, and by the user's NODE_EXTRA_CA_CERTS", async () => {
  const server = await faultyServer({ tls: "server" });
  server.on("/x", json({ ok: true }));
  for (const more of [{ ca: CA_FILE }, { env: () => ({ NODE_EXTRA_CA_CERTS: CA_FILE }) }])
    expect(await makeHttp(server.origin, more).json(`${server.origin}/x`)).toEqual({ ok: true });
  const wrong = join(tempDir("ao-ca"), "wrong.pem");
  writeFileSync(wrong, "no certificate");
  await expect(makeHttp(server.origin, { ca: wrong }).json(`${server.origin}/x`)).rejects.toMatchObject({
    code: "CONFIG",
  });
});

test("a certificate for another name is refused", async () => {
  const server = await faultyServer({ tls: "server" });
  const proxy = await proxyServer({ port: portOf(server.origin) });
  const origin = "https://other.example.com";
  const http = makeHttp(origin, { ca: CA_FILE, env: () => ({ HTTPS_PROXY: proxy.url }) });
  expect((await failureOf(http.json(`${origin}/x`))).kind).toBe("certificate");
});

test("a request goes through the proxy with its credentials, and past it where NO_PROXY says so", async () => {
  const server = await faultyServer({ tls: "server" });
  server.on("/x", json({ ok: true }));
  const proxy = await proxyServer({ port: portOf(server.origin) });
  const origin = `https://api.example.com:${portOf(server.origin)}`;
  const env = { HTTPS_PROXY: proxy.url.replace("//", "//me:pw@") };
  const http = makeHttp(origin, { ca: CA_FILE, env: () => env });
  expect(await http.json(`${origin}/x`)).toEqual({ ok: true });
  expect(proxy.asked).toEqual([
    { target: new URL(origin).host, authorization: `Basic ${Buffer.from("me:pw").toString("base64")}` },
  ]);
  const past = makeHttp(origin, { ca: CA_FILE, env: () => ({ ...env, NO_PROXY: "example.com" }) });
  expect((await failureOf(past.json(`${origin}/x`))).kind).toBe("network");
  expect(proxy.asked).toHaveLength(1);
});

test.each<[string, () => Promise<string>, RegExp]>([
  ["refuses", async () => (await proxyServer({ status: 407 })).url, /407/],
  ["fails", async () => (await proxyServer({ status: 502 })).url, /502/],
  ["is not there", async () => "http://127.0.0.1:9", /ECONNREFUSED|bad port|connect/],
])("a proxy that %s is named, without its password", async (...[, start, says]) => {
  const url = (await start()).replace("//", "//me:pw@");
  const origin = "https://api.example.com";
  const { kind, error } = await failureOf(makeHttp(origin, { env: () => ({ HTTPS_PROXY: url }) }).json(`${origin}/x`));
  expect([kind, error.code]).toEqual(["proxy", "UNREACHABLE"]);
  expect(error.message).toMatch(/^the proxy 127\.0\.0\.1:\d+ did not let GET https:\/\/api\.example\.com\/x through: /);
  expect(error.message).toMatch(says);
  expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain("pw");
});

test.each(["socks5://127.0.0.1:1080", "http://:0:0"])(
  "the proxy %s is a mistake in the environment, not a direct connection",
  async (url) => {
    const origin = "https://api.example.com";
    const asked = makeHttp(origin, { env: () => ({ HTTPS_PROXY: url }) }).json(`${origin}/x`);
    await expect(asked).rejects.toMatchObject({ code: "CONFIG" });
  },
);

test("a web socket goes the same way as a request: plain, or through the proxy and with the certificates", async () => {
  const socket = new URL("wss://socket.example.com/link");
  const proxied = { HTTPS_PROXY: "http://127.0.0.1:3128" };
  const way = (env: Record<string, string>) =>
    makeHttp("https://api.example.com", { env: () => env }).dispatcherTo(socket);
  expect(await way({})).toBeNull();
  expect(await way({ ...proxied, NO_PROXY: "socket.example.com" })).toBeNull();
  expect((await way(proxied))?.constructor.name).toBe("ProxyAgent");
  expect((await way({ NODE_EXTRA_CA_CERTS: CA_FILE }))?.constructor.name).toBe("Agent");
});
