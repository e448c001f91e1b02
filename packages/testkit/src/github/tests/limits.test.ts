import { request } from "node:http";
import { expect, test } from "vitest";
import { client, startScene } from "./start.ts";

const repo = { owner: "acme", repo: "shop" };

/** A clock that a test moves. */
function handClock(start = Date.parse("2026-01-01T00:00:00Z")) {
  const clock = { at: start, now: () => clock.at };
  return clock;
}

test("what has not changed is answered with 304, and is free", async () => {
  const { wes, github } = await startScene();
  const first = await wes.issues.listForRepo(repo);
  const used = Number(first.headers["x-ratelimit-used"]);
  const again = wes.issues.listForRepo({ ...repo, headers: { "if-none-match": first.headers.etag } });
  await expect(again).rejects.toMatchObject({
    status: 304,
    response: { headers: { "x-ratelimit-used": String(used) } },
  });
  github.repo("acme/shop").openIssue({ by: "ann", title: "new" });
  const changed = await wes.issues.listForRepo({ ...repo, headers: { "if-none-match": first.headers.etag } });
  expect([changed.data.length, Number(changed.headers["x-ratelimit-used"])]).toEqual([1, used + 1]);
  expect(github.requests.map(({ status, counted }) => [status, counted])).toEqual([
    [200, 1],
    [304, 0],
    [200, 1],
  ]);
});

test("a spent budget is refused until its hour is over, for all tokens of one person", async () => {
  const clock = handClock();
  const { wes, github, tokens, query } = await startScene({ now: clock.now });
  github.leave("wes", "core", 1);
  const last = await wes.repos.get(repo);
  expect(last.headers["x-ratelimit-remaining"]).toBe("0");
  const other = client(github, github.token("wes"));
  await expect(other.repos.get(repo)).rejects.toMatchObject({
    status: 403,
    response: { headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(clock.at / 1000 + 3600) } },
  });
  github.leave("wes", "graphql", 0);
  await expect(query(`{ viewer { login } }`)).rejects.toMatchObject({ errors: [{ type: "RATE_LIMITED" }] });
  expect((await other.rateLimit.get()).data.resources.core.remaining).toBe(0);
  clock.at += 3_600_000;
  expect((await wes.repos.get(repo)).headers["x-ratelimit-remaining"]).toBe("4999");
  expect(tokens.wes.isRevoked).toBe(false);
});

test("too many requests in a minute meet the secondary limit, with Retry-After", async () => {
  const clock = handClock();
  const { wes } = await startScene({ now: clock.now });
  const comments = async () => {
    for (let at = 0; at < 90; at++) await wes.issues.create({ ...repo, title: `flood ${at}` });
  };
  await expect(comments()).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining("secondary rate limit"),
    response: { headers: { "retry-after": "60" } },
  });
  clock.at += 61_000;
  await wes.issues.create({ ...repo, title: "slowly" });
});

test("every fault can be switched on and off", async () => {
  const { wes, github, query } = await startScene();
  const get = () => wes.repos.get({ ...repo, request: { signal: AbortSignal.timeout(300) } });
  const met: Record<string, unknown> = {};
  for (const kind of [
    "500",
    "502",
    "503",
    "429",
    "secondary-limit",
    "no-answer",
    "reset",
    "cut-json",
    "cut-connection",
  ] as const) {
    const fault = github.fault({ kind });
    met[kind] = await get().then(
      ({ data }) => (typeof data === "object" ? "ok" : typeof data),
      (error: { status?: number; name: string; message: string }) =>
        error.status === 500 && kind !== "500" ? error.name : (error.status ?? error.name),
    );
    fault.clear();
    expect(fault.hits).toBe(1);
  }
  expect(met).toMatchObject({ "500": 500, "502": 502, "503": 503, "429": 429, "secondary-limit": 403 });
  for (const kind of ["no-answer", "reset", "cut-json", "cut-connection"]) expect(met[kind]).not.toBe("ok");
  github.fault({ kind: "html", times: 1 });
  expect(String((await get()).data)).toContain("Unicorn!");
  github.fault({ kind: "graphql-error", match: ({ surface }) => surface === "graphql", times: 1 });
  await expect(query(`{ viewer { login } }`)).rejects.toThrow("Something went wrong");
  github.fault({ kind: "lost-answer", match: ({ method }) => method === "POST", times: 1 });
  await expect(wes.issues.create({ ...repo, title: "once" })).rejects.toThrow();
  expect((await wes.issues.listForRepo(repo)).data.map(({ title }) => title)).toEqual(["once"]);
  github.fault({ kind: "primary-limit", times: 1 });
  await expect(get()).rejects.toMatchObject({ status: 403, response: { headers: { "x-ratelimit-remaining": "0" } } });
});

test("a token is revoked and restored, expires, and shows its scopes", async () => {
  const clock = handClock();
  const { github, shop } = await startScene({ now: clock.now });
  const token = github.token("wes", { scopes: ["repo", "read:org"], expiresIn: 60_000 });
  const wes = client(github, token);
  const { headers } = await wes.users.getAuthenticated();
  expect([headers["x-oauth-scopes"], headers["github-authentication-token-expiration"]]).toEqual([
    "repo, read:org",
    "2026-01-01 00:01:00 UTC",
  ]);
  token.isRevoked = true;
  await expect(wes.users.getAuthenticated()).rejects.toMatchObject({
    status: 401,
    message: expect.stringContaining("Bad credentials"),
  });
  token.isRevoked = false;
  await wes.users.getAuthenticated();
  clock.at += 60_000;
  await expect(wes.users.getAuthenticated()).rejects.toMatchObject({ status: 401 });
  shop.repo.isPrivate = true;
  const weak = client(github, github.token("wes", { scopes: ["public_repo"] }));
  await expect(weak.repos.get(repo)).rejects.toMatchObject({ status: 404 });
});

test("fine-grained tokens have permissions, and single sign-on wants tokens authorised", async () => {
  const { github, shop } = await startScene();
  const reader = client(
    github,
    github.token("wes", { permissions: { issues: "read", pull_requests: "read" }, repositories: ["acme/shop"] }),
  );
  expect((await reader.issues.listForRepo(repo)).headers["x-oauth-scopes"]).toBe(undefined);
  await expect(reader.issues.create({ ...repo, title: "no" })).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining("Resource not accessible by personal access token"),
    response: { headers: { "x-accepted-github-permissions": "issues=write" } },
  });
  shop.repo.isPrivate = true;
  shop.repo.owner.requiresSso = true;
  const plain = github.token("wes");
  await expect(client(github, plain).repos.get(repo)).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining("SAML"),
    response: { headers: { "x-github-sso": expect.stringContaining("required; url=") } },
  });
  plain.ssoAuthorized.add("acme");
  await client(github, plain).repos.get(repo);
});

test("a request without credentials has a small budget, and writes nothing", async () => {
  const { github } = await startScene();
  const status = await new Promise<string>((resolve, reject) => {
    request(`${github.baseUrl}/repos/acme/shop`, (answer) => {
      answer.resume();
      resolve(`${answer.statusCode} ${answer.headers["x-ratelimit-limit"]}`);
    })
      .on("error", reject)
      .end();
  });
  expect(status).toBe("200 60");
  const answer = await fetch(`${github.baseUrl}/repos/acme/shop/issues`, {
    method: "POST",
    body: JSON.stringify({ title: "x" }),
  });
  expect(answer.status).toBe(401);
});
