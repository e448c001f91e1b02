import { afterAll, beforeAll, expect, test } from "vitest";
import { FILE_ROUTE, ROUTES } from "./routes.ts";
import { type DoorBench, doorBench, PAGE, SCRIPT } from "./testing/door-bench.ts";
import { RawClient } from "./testing/raw-client.ts";

/**
 * What each route answers to whoever may ask, written down by hand: the method that it takes, and what has to come along. A route that is
 * missing here fails the first test.
 */
const ORACLE: Record<string, { at: string; does: "page" | "file" | "post" | "get" | "socket"; needs: string }> = {
  "/": { at: "/", does: "page", needs: "nothing" },
  "/s/:id": { at: "/s/app-3", does: "page", needs: "nothing" },
  "/fleet": { at: "/fleet", does: "page", needs: "nothing" },
  "/login": { at: "/login", does: "page", needs: "nothing" },
  file: { at: SCRIPT, does: "file", needs: "nothing" },
  "/api/health": { at: "/api/health", does: "get", needs: "nothing" },
  "/api/login": { at: "/api/login", does: "post", needs: "code" },
  "/api/logout": { at: "/api/logout", does: "post", needs: "token" },
  "/api/ticket": { at: "/api/ticket", does: "post", needs: "token" },
  "/api/ws": { at: "/api/ws", does: "socket", needs: "ticket" },
  "/api/terminal": { at: "/api/terminal", does: "socket", needs: "ticket" },
};

/** Null: none. `P` stands for the port. */
const HOSTS: (string[] | null)[] = [
  ...["127.0.0.1:P", "localhost:P", "[::1]:P", "LocalHost:P"].map((host) => [host]),
  ...["127.0.0.1", "localhost:1", "evil.example:P", "localhost.evil.example:P", "0.0.0.0:P", "127.1:P"].map((host) => [
    host,
  ]),
  ...["[::ffff:127.0.0.1]:P", "127.0.0.1:P@evil.example", "", "127.0.0.1:P, evil.example"].map((host) => [host]),
  ["127.0.0.1:P", "127.0.0.1:P"],
  null,
];
const GOOD_HOSTS = ["127.0.0.1:P", "localhost:P", "[::1]:P", "LocalHost:P"];
/** `own`: that of the page at this host. */
const ORIGINS: (string[] | null)[] = [
  null,
  ...["own", "null", "", "http://evil.example", "http://evil.example:P", "https://127.0.0.1:P"].map((origin) => [
    origin,
  ]),
  ...["http://127.0.0.1:1", "http://localhost.evil.example:P", "http://127.0.0.1:P/", "file://"].map((origin) => [
    origin,
  ]),
  ["own", "own"],
];
const SITES = [null, "same-origin", "same-site", "cross-site", "none", "navigation"] as const;
const KINDS = ["GET", "HEAD", "POST json", "POST text", "PUT", "DELETE", "OPTIONS", "socket"] as const;
const CREDENTIALS = ["none", "wrong", "code", "token", "ticket", "used ticket", "ended token"] as const;

interface Case {
  route: string;
  host: string[] | null;
  origin: string[] | null;
  site: (typeof SITES)[number];
  kind: (typeof KINDS)[number];
  credential: (typeof CREDENTIALS)[number];
}

/** The answers that are right. A wrong credential is answered with 429 after many of them. */
function expected({ route, host, origin, site, kind, credential }: Case): number[] {
  const { does, needs } = ORACLE[route] ?? { does: "get", needs: "" };
  const [own] = host ?? [];
  if (host === null || host.length > 1 || !GOOD_HOSTS.includes(own ?? "")) return [421];
  if (origin !== null && (origin.length > 1 || origin[0] !== "own")) return [403];
  const isHarmless = does === "page" && kind === "GET" && site === "navigation";
  if (site !== null && site !== "same-origin" && !isHarmless) return [403];
  const [method] = kind === "socket" ? ["GET"] : kind.split(" ");
  const methods = does === "post" ? ["POST"] : does === "socket" ? ["GET"] : ["GET", "HEAD"];
  if (!methods.includes(method ?? "")) return [405];
  if ((does === "socket") !== (kind === "socket")) return [does === "socket" ? 426 : 400];
  if (kind === "POST text") return [415];
  if (needs === "nothing") return [200];
  if (needs === credential) return [needs === "ticket" ? 101 : 200];
  return [401, 429];
}

let bench: DoorBench;
beforeAll(async () => {
  bench = await doorBench();
});
afterAll(() => bench.close());

const filled = (text: string): string => text.replaceAll(/\bP\b/g, String(bench.port));

let kept = "";
/** One that is logged in. It is logged out now and then. */
function token(): string {
  const { passes } = bench;
  if (passes.holderOf(kept) === null) kept = passes.login(passes.newCode()) ?? "";
  return kept;
}

let ended: string | null = null;
function endedToken(): string {
  const { passes } = bench;
  if (ended !== null) return ended;
  ended = passes.login(passes.newCode()) ?? "";
  passes.revoke(passes.holderOf(ended) ?? "");
  return ended;
}

function credentialOf(credential: Case["credential"]): string {
  const { passes } = bench;
  if (credential === "code") return passes.newCode();
  if (credential === "token") return token();
  if (credential === "wrong") return "0".repeat(64);
  if (credential === "ended token") return endedToken();
  const ticket = passes.newTicket(passes.holderOf(token()) ?? "");
  if (credential === "used ticket") passes.useTicket(ticket);
  return ticket;
}

function linesOf(one: Case): { lines: string[]; body: string } {
  const { host, origin, site, kind, credential } = one;
  const { at, needs } = ORACLE[one.route] ?? { at: "/", needs: "" };
  const secret = credential === "none" ? "" : credentialOf(credential);
  const method = kind === "socket" ? "GET" : (kind.split(" ")[0] ?? "");
  const body = kind.startsWith("POST") ? JSON.stringify({ code: secret }) : "";
  const own = `http://${filled(host?.[0] ?? "").toLowerCase()}`;
  const lines = [
    `${method} ${at}${needs === "ticket" && secret !== "" ? `?ticket=${secret}` : ""} HTTP/1.1`,
    ...(host ?? []).map((each) => `Host: ${each}`),
    ...(origin ?? []).map((each) => `Origin: ${each === "own" ? own : each}`),
    ...(site === null ? [] : [`Sec-Fetch-Site: ${site === "navigation" ? "cross-site" : site}`]),
    ...(site === "navigation" ? ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"] : []),
    ...(secret === "" ? [] : [`Authorization: Bearer ${secret}`]),
    ...(body === "" ? [] : [`Content-Length: ${body.length}`]),
    ...(kind === "POST json" ? ["Content-Type: application/json"] : []),
    ...(kind === "POST text" ? ["Content-Type: text/plain"] : []),
    ...(kind === "socket" ? ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"] : []),
    ...(kind === "socket" ? ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="] : []),
  ];
  return { lines: lines.map(filled), body };
}

/** Everything with everything, then only what `step` leaves, and always each deviation from what is right. */
function* cases(step: number): Generator<Case> {
  const right = { host: HOSTS[0] ?? null, origin: null, site: null };
  let count = 0;
  for (const route of Object.keys(ORACLE)) {
    for (const kind of KINDS) {
      for (const credential of CREDENTIALS) yield { ...right, route, kind, credential };
      for (const credential of ["none", "code", "token", "ticket"] as const) {
        if (credential !== "none" && credential !== ORACLE[route]?.needs) continue;
        for (const host of HOSTS) yield { ...right, route, kind, credential, host };
        for (const origin of ORIGINS) yield { ...right, route, kind, credential, origin };
        for (const site of SITES) yield { ...right, route, kind, credential, site };
      }
      for (const host of HOSTS) {
        for (const origin of ORIGINS) {
          for (const site of SITES) {
            for (const credential of CREDENTIALS) {
              count += 1;
              if (count % step === 0) yield { route, kind, host, origin, site, credential };
            }
          }
        }
      }
    }
  }
}

test("every route has a row here", () => {
  expect([...ROUTES, FILE_ROUTE].map(({ path }) => path).sort()).toEqual(Object.keys(ORACLE).sort());
});

/** A prime, so that all values of each column occur. */
const STEP = process.env.AO_TEST_TIER === "nightly" ? 1 : 211;

test("every route answers every asker as it should, and nothing else", {
  timeout: STEP === 1 ? 1_800_000 : 120_000,
}, async () => {
  const client = new RawClient(bench.port);
  const wrong: string[] = [];
  let asked = 0;
  for (const one of cases(STEP)) {
    const { lines, body } = linesOf(one);
    const answer = await client.ask(lines, body);
    asked += 1;
    if (!expected(one).includes(answer.status)) wrong.push(`${JSON.stringify(one)}: ${answer.status}`);
    const problem = answer.status === 101 || answer.status === 0 ? null : unsafe(answer.headers);
    if (problem !== null) wrong.push(`${JSON.stringify(one)}: ${problem}`);
  }
  client.close();
  console.log(`${asked} requests, ${wrong.length} wrong`);
  expect(wrong.slice(0, 10)).toEqual([]);
  expect(bench.problems).toEqual([]);
});

/** No answer may be framed, read by another site, sniffed, or set a cookie. */
function unsafe(headers: Record<string, string>): string | null {
  if (!headers["content-security-policy"]?.includes("frame-ancestors 'none'")) return "may be framed";
  if (/script-src[^;]*unsafe|script-src[^;]*\*/.test(headers["content-security-policy"])) return "allows scripts";
  if (headers["x-content-type-options"] !== "nosniff") return "may be sniffed";
  if (headers["referrer-policy"] !== "no-referrer") return "tells other sites its address";
  const names = Object.keys(headers);
  return names.find((name) => name.startsWith("access-control-") || name === "set-cookie") ?? null;
}

test.each([
  ["an absolute address", ["GET http://127.0.0.1:P/ HTTP/1.1", "Host: 127.0.0.1:P"], 400],
  ["two slashes", ["GET //evil.example/ HTTP/1.1", "Host: 127.0.0.1:P"], 400],
  ["a way out of the folder", ["GET /../secret.js HTTP/1.1", "Host: 127.0.0.1:P"], 404],
  ["the same, encoded", ["GET /assets/..%2f..%2fsecret.js HTTP/1.1", "Host: 127.0.0.1:P"], 404],
  ["a compressed file by its own name", [`GET ${SCRIPT}.br HTTP/1.1`, "Host: 127.0.0.1:P"], 404],
  ["an unknown request", ["GET /api/spawn HTTP/1.1", "Host: 127.0.0.1:P"], 404],
  ["what is not HTTP", ["\u0016\u0003\u0001"], 400],
] as const)("%s is refused", async (_what, lines, status) => {
  const client = new RawClient(bench.port);
  const answer = await client.ask(lines.map(filled));
  client.close();
  expect(answer.status).toBe(status);
});

test("without a login there is only the page", async () => {
  const client = new RawClient(bench.port);
  const page = await client.ask(["GET /s/app-1 HTTP/1.1", `Host: 127.0.0.1:${bench.port}`]);
  const health = await client.ask(["GET /api/health HTTP/1.1", `Host: 127.0.0.1:${bench.port}`]);
  const packed = await client.ask([
    `GET ${SCRIPT} HTTP/1.1`,
    `Host: localhost:${bench.port}`,
    "Accept-Encoding: gzip, br",
  ]);
  client.close();
  expect(page.body).toBe(PAGE);
  expect(health.body).toBe('{"name":"ao"}');
  expect(packed.headers["content-encoding"]).toBe("br");
  expect(packed.headers["cache-control"]).toContain("immutable");
});
