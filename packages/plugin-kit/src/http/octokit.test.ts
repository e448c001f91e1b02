import { join } from "node:path";
import { faultyServer, json } from "@agent-orchestrator/testkit/faulty-server";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { Octokit } from "@octokit/rest";
import { expect, test } from "vitest";
import { httpFailure } from "./client.ts";
import { makeHttp } from "./testing/make-http.ts";

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

async function world() {
  const server = await faultyServer();
  const baseUrl = `${server.origin}/api/v3`;
  const store = { dir: join(tempDir("ao-http"), "answers") };
  const http = makeHttp(baseUrl, { attemptMs: 500, retries: 1, store });
  const octokit = new Octokit({ auth: "a-token-of-the-test", baseUrl, log: quiet, request: { fetch: http.fetch } });
  return { server, http, octokit };
}

const REPO = { owner: "me", repo: "shop" };

test("octokit reads, writes, pages and follows the redirect to a log", async () => {
  const { server, octokit } = await world();
  const issues = "/api/v3/repos/me/shop/issues";
  server.on(issues, (request, response, count) => {
    if (request.method === "POST") return json({ number: 7 }, {}, 201)(request, response, count);
    const isFirst = !request.url.includes("page=2");
    const link = { link: `<${server.origin}${issues}?page=2>; rel="next"` };
    return json([{ number: isFirst ? 1 : 2 }], isFirst ? link : {})(request, response, count);
  });
  server.on("/api/v3/repos/me/shop/actions/jobs/1/logs", json({}, { location: `${server.origin}/log` }, 302));
  server.on(
    "/log",
    (_request, response) => void response.writeHead(200, { "content-type": "text/plain" }).end("not ok"),
  );
  const all = await octokit.paginate(octokit.rest.issues.listForRepo, REPO);
  expect(all.map(({ number }) => number)).toEqual([1, 2]);
  expect((await octokit.rest.issues.create({ ...REPO, title: "New" })).data.number).toBe(7);
  expect((await octokit.rest.actions.downloadJobLogsForWorkflowRun({ ...REPO, job_id: 1 })).data).toBe("not ok");
  expect(server.seen[0]?.headers.authorization).toBe("token a-token-of-the-test");
});

test("octokit gets an unchanged answer from the disk", async () => {
  const { server, http, octokit } = await world();
  server.on("/api/v3/repos/me/shop/pulls/1", (request, response, count) => {
    if (request.headers["if-none-match"] === '"1"') return void response.writeHead(304, { etag: '"1"' }).end();
    return json({ number: 1 }, { etag: '"1"' })(request, response, count);
  });
  const read = async () => (await octokit.rest.pulls.get({ ...REPO, pull_number: 1 })).data.number;
  expect([await read(), await read()]).toEqual([1, 1]);
  expect(http.budget()).toMatchObject({ requests: 2, notModified: 1 });
});

test("behind an error of octokit is the failure itself", async () => {
  const { server, octokit } = await world();
  const path = "/api/v3/repos/me/shop";
  const failure = async () => httpFailure(await octokit.rest.repos.get(REPO).catch((error: unknown) => error));
  server.on(path, () => undefined);
  expect(await failure()).toEqual({ kind: "timeout", timeoutMs: 500 });
  server.on(path, (_request, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>"));
  expect(await failure()).toEqual({ kind: "malformed", reason: "a web page" });
  server.on(path, json({ message: "Bad credentials" }, {}, 401));
  await expect(octokit.rest.repos.get(REPO)).rejects.toMatchObject({ status: 401 });
  server.on(path, json({ message: "slow" }, { "retry-after": "99" }, 429));
  await expect(octokit.rest.repos.get(REPO)).rejects.toMatchObject({ status: 429 });
  expect(await failure()).toMatchObject({ kind: "limited" });
});

test("the signal of a call ends it", async () => {
  const { server, octokit } = await world();
  server.on("/api/v3/repos/me/shop", () => undefined);
  const reason = new Error("stopping");
  const request = { signal: AbortSignal.abort(reason) };
  await expect(octokit.rest.repos.get({ ...REPO, request })).rejects.toMatchObject({ cause: reason });
  expect(server.seen).toEqual([]);
});
