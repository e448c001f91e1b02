import type { lookup } from "node:dns";
import { CA_FILE, faultyServer, json } from "@agent-orchestrator/testkit/faulty-server";
import { proxyServer } from "@agent-orchestrator/testkit/proxy-server";
import { expect, test } from "vitest";
import { failureOf, makeHttp } from "./testing/make-http.ts";

const to = (location: string, status = 302) => json({}, { location }, status);
const portOf = (origin: string): number => Number(new URL(origin).port);

/** Every name has this address. */
const resolvesTo = (address: string) =>
  ((_name: string, _options: unknown, done: (error: null, found: object[]) => void) =>
    done(null, [{ address, family: address.includes(":") ? 6 : 4 }])) as unknown as typeof lookup;

test.each([
  ["an address of this machine", "http://127.0.0.1:PORT/secret"],
  ["another form of it", "http://0x7f000001:PORT/secret"],
  ["a number", "http://2130706433:PORT/secret"],
  ["its name", "http://localhost:PORT/secret"],
  ["its name with a dot", "http://localhost.:PORT/secret"],
  ["IPv6", "http://[::1]:PORT/secret"],
  ["IPv4 in IPv6", "http://[::ffff:127.0.0.1]:PORT/secret"],
  ["NAT64 of a private address", "https://[64:ff9b::a00:1]/secret"],
  ["a private network", "https://10.0.0.1/secret"],
  ["the metadata of a cloud", "https://169.254.169.254/latest/meta-data"],
  ["a name of the local network", "https://printer.local/secret"],
  ["a name without a dot", "https://intranet/secret"],
  ["another scheme", "file:///etc/passwd"],
  ["data", "data:application/json,{}"],
])("a redirect to %s is refused, and nothing is sent there", async (_what, location) => {
  const [api, inner] = [await faultyServer(), await faultyServer()];
  inner.on("/secret", json({ secret: true }));
  api.on("/x", to(location.replace("PORT", String(portOf(inner.origin)))));
  const { kind, error } = await failureOf(makeHttp(api.origin, { retries: 2 }).json(`${api.origin}/x`));
  expect([kind, error.code]).toEqual(["refused-address", "REFUSED"]);
  expect(error.message).toMatch(/^nothing was sent to .*, because it /);
  expect([inner.seen.length, api.seen.length]).toEqual([0, 1]);
});

test.each(["127.0.0.1", "10.0.0.1", "::1", "::ffff:10.0.0.1", "fe80::1", "169.254.169.254"])(
  "a redirect to a public name that resolves to %s is refused",
  async (address) => {
    const api = await faultyServer();
    api.on("/x", to("https://files.example.com/log"));
    const http = makeHttp(api.origin, { lookUp: resolvesTo(address) });
    const { kind, error } = await failureOf(http.json(`${api.origin}/x`));
    expect([kind, error.message]).toEqual([
      "refused-address",
      "nothing was sent to files.example.com, because it resolves to an address in a private network",
    ]);
  },
);

test("a redirect into a private network is followed where the user allows it", async () => {
  const [api, inner] = [await faultyServer(), await faultyServer()];
  inner.on("/log", json({ log: 1 }));
  api.on("/x", to(`${inner.origin}/log`));
  expect(await makeHttp(api.origin, { allowPrivate: true }).json(`${api.origin}/x`)).toEqual({ log: 1 });
});

test("another host gets no credentials, cookies or data", async () => {
  const [api, other] = [await faultyServer(), await faultyServer()];
  other.on("/log", json({ log: 1 }));
  api.on("/x", to(`${other.origin}/log`));
  const http = makeHttp(api.origin, { allowPrivate: true });
  const headers = {
    authorization: "Bearer t",
    cookie: "a=b",
    "x-api-key": "k",
    accept: "application/json",
    range: "bytes=0-9",
  };
  await http.fetch(`${api.origin}/x`, { headers });
  const got = Object.keys(other.seen[0]?.headers ?? {});
  expect(got).toEqual(expect.arrayContaining(["accept", "range"]));
  expect(got.filter((name) => ["authorization", "cookie", "x-api-key"].includes(name))).toEqual([]);
  for (const status of [307, 308]) {
    api.on("/post", to(`${other.origin}/log`, status));
    const { kind } = await failureOf(http.fetch(`${api.origin}/post`, { method: "POST", body: "mine", headers }));
    expect(kind).toBe("refused-address");
  }
  expect(other.seen).toHaveLength(1);
});

test("the same host keeps them, and a moved repository answers at its new place", async () => {
  const api = await faultyServer();
  api.on("/old", to("/new", 301));
  api.on("/new", json({ name: "new" }));
  const response = await makeHttp(api.origin).fetch(`${api.origin}/old`, { headers: { authorization: "Bearer t" } });
  expect([await response.json(), response.url, response.status]).toEqual([{ name: "new" }, `${api.origin}/new`, 200]);
  expect(api.seen[1]?.headers.authorization).toBe("Bearer t");
});

test.each([
  [301, "POST", "GET", ""],
  [302, "POST", "GET", ""],
  [303, "POST", "GET", ""],
  [303, "PUT", "GET", ""],
  [307, "POST", "POST", "mine"],
  [308, "PATCH", "PATCH", "mine"],
  [301, "PATCH", "PATCH", "mine"],
])("%i after %s is followed by %s", async (...[status, method, next, body]) => {
  const api = await faultyServer();
  api.on("/x", to("/y", status));
  api.on("/y", json({}));
  await makeHttp(api.origin).fetch(`${api.origin}/x`, { method, body: "mine" });
  expect(api.seen[1]).toMatchObject({ method: next, body });
});

test("a caller may handle redirects itself, or forbid them", async () => {
  const api = await faultyServer();
  api.on("/x", to("/y", 302));
  const http = makeHttp(api.origin);
  expect((await http.fetch(`${api.origin}/x`, { redirect: "manual" })).status).toBe(302);
  expect((await failureOf(http.fetch(`${api.origin}/x`, { redirect: "error" }))).kind).toBe("malformed");
});

test("plain http goes to this machine only, and a secure address never redirects to it", async () => {
  const far = "http://api.example.com";
  const plain = await failureOf(makeHttp(far).json(`${far}/x`));
  expect([plain.kind, plain.error.message]).toEqual(["refused-address", expect.stringMatching(/plain http/)]);
  const api = await faultyServer({ tls: "server" });
  api.on("/x", to("http://localhost/y"));
  const down = await failureOf(makeHttp(api.origin, { ca: CA_FILE }).json(`${api.origin}/x`));
  expect([down.kind, down.error.message]).toEqual(["refused-address", expect.stringMatching(/plain http/)]);
});

test("a redirect to a public host behind a proxy goes through the proxy", async () => {
  const [api, storage] = [await faultyServer(), await faultyServer({ tls: "server" })];
  const proxy = await proxyServer({ port: portOf(storage.origin) });
  storage.on("/log", (_request, response) => void response.end("the log"));
  api.on("/x", to("https://api.example.com/log"));
  const http = makeHttp(api.origin, { env: () => ({ HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: CA_FILE }) });
  expect(await (await http.fetch(`${api.origin}/x`)).text()).toBe("the log");
  expect(proxy.asked.map(({ target }) => target)).toEqual(["api.example.com:443"]);
});
