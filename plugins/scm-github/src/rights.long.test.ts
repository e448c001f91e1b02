import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import { expect, it } from "vitest";
import plugin from "./index.ts";
import { gitHubWorld } from "./testing/world.ts";

/** A pull request as a fine-grained token without the right to read checks sees it. */
async function withoutChecks() {
  const { github, shop, scm, context } = await gitHubWorld();
  const sha = await shop.pushCommit("feat/1", { by: "wes", files: { "cart.ts": "export const total = 2;\n" } });
  const { number } = await shop.openPull({ by: "wes", title: "Fix the total", head: "feat/1" });
  await shop.knowMergeability(number);
  const pr = (await scm.getPR?.(number)) as PRInfo;
  const permissions = { contents: "write", metadata: "read", pull_requests: "write", statuses: "read" } as const;
  const token = github.token("wes", { permissions }).value;
  return { shop, sha, pr, scm: plugin.create({ token, baseUrl: github.baseUrl }, context) };
}

it("does without workflow runs where the token may not read them, and knows the commit statuses", async () => {
  const { shop, sha, pr, scm } = await withoutChecks();
  shop.startRun({ sha, branch: "feat/1", by: "wes", jobs: [] });
  shop.addStatus({ by: "wes", sha, context: "jenkins", state: "failure" });
  expect(await scm.getSnapshots?.([pr])).toMatchObject([{ ci: "failing", checks: [{ name: "jenkins" }] }]);
});

it("says which right is missing where a check can't be read, and nothing about the pull request", async () => {
  const { shop, sha, pr, scm } = await withoutChecks();
  shop.finishCheck(sha, { name: "test", branch: "feat/1", by: "wes", conclusion: "success" });
  await expect(scm.getCISummary(pr)).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("Resource not accessible by personal access token"),
    hint: expect.stringContaining("may not read checks"),
  });
  await expect(scm.getSnapshots?.([pr, { ...pr, number: 99 }])).resolves.toEqual([null, null]);
});

it("is somebody else at once when the user exports another account's token", async () => {
  const { github, shop, context } = await gitHubWorld();
  shop.allow("rob", "write");
  let tokens: Record<string, string> = { GITHUB_TOKEN: github.token("wes").value };
  const scm = plugin.create({ baseUrl: github.baseUrl }, { ...context, tokens: () => tokens });
  const rows = async () => (await scm.check?.())?.[0]?.text;
  expect(await rows()).toMatch(/as wes \(token from GITHUB_TOKEN\)/);
  tokens = { GH_TOKEN: github.token("rob").value };
  expect(await rows()).toMatch(/as rob \(token from GH_TOKEN\)/);
});

it.each([
  [["repo"], true, undefined],
  [["public_repo", "gist"], true, undefined],
  [[], false, "Give the token the scope `repo` or `public_repo`. It has: none."],
  [["read:org", "gist"], false, "Give the token the scope `repo` or `public_repo`. It has: read:org, gist."],
])("tells of a classic token with the scopes %j whether they are enough", async (scopes, ok, hint) => {
  const { github, context } = await gitHubWorld();
  const scm = plugin.create({ token: github.token("wes", { scopes }).value, baseUrl: github.baseUrl }, context);
  const [row] = (await scm.check?.()) ?? [];
  expect([row?.ok, row?.hint]).toEqual([ok, hint]);
});
