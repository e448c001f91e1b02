import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { expect, it } from "vitest";
import { gitHubWorld } from "./testing/world.ts";

/** A pull request whose check passed, for a base with a merge queue. */
async function world() {
  const base = await gitHubWorld();
  const { github, shop, scm, project, commit, git } = base;
  shop.addRuleset("queue", { demands: { mergeQueue: "squash", requiredChecks: [{ context: "test", appId: null }] } });
  const sha = await commit("feat/1", { "cart.ts": "export const total = 2;\n" });
  await git("push", "-q", "origin", "feat/1");
  const pr = await shop.openPull({ by: "wes", title: "Fix it", head: "feat/1" });
  await shop.knowMergeability(pr.number);
  shop.finishCheck(sha, { name: "test", by: "wes", branch: "feat/1", conclusion: "success" });
  const info = (await scm.detectPR(pluginSession({ branch: "feat/1" }), project, { isWoken: true })) as PRInfo;
  const seen = async () => {
    await github.settled();
    await scm.getMergeability(info);
    const [snapshot] = (await scm.getSnapshots?.([info])) ?? [];
    return snapshot ?? null;
  };
  /** The queue's own check of what it would merge. */
  const test = (conclusion: "success" | "failure") => {
    const [entry] = shop.repo.queue;
    shop.finishCheck(entry?.headSha ?? "", { name: "test", by: "wes", branch: entry?.headRef ?? "", conclusion });
  };
  const merge = (expectedHeadSha = sha) => scm.mergePR(info, undefined, { expectedHeadSha });
  const added = () => pr.events.filter(({ event }) => event === "added_to_merge_queue").length;
  return { ...base, pr, sha, seen, test, merge, added };
}

it("puts exactly the head that was judged into the queue, once, and reports its position until it is merged", async () => {
  const { seen, merge, test, added, pr } = await world();
  expect((await seen())?.mergeQueue).toEqual({ position: null, left: null });
  await expect(merge("0".repeat(40))).rejects.toMatchObject({ code: "REFUSED" });
  expect(await merge()).toBe("queued");
  expect((await seen())?.mergeQueue).toEqual({ position: 1, left: null });
  expect(await merge()).toBe("queued");
  expect(added()).toBe(1);
  test("success");
  expect(await seen()).toMatchObject({ state: "merged", mergeQueue: { position: null, left: null } });
  expect(await merge()).toBeUndefined();
  expect(pr.pull.mergedBy?.login).toBe("wes");
});

it("reports why it left the queue, with the checks that failed there", async () => {
  const { seen, merge, test } = await world();
  await merge();
  await seen();
  test("failure");
  const left = { id: expect.any(String), reason: "failed checks", checks: ["test"] };
  const after = await seen();
  expect(after).toMatchObject({ state: "open", ci: "passing", mergeQueue: { position: null, left } });
  expect(after?.readiness.mergeable).toBe(true);
  expect(await merge()).toBe("queued");
  expect((await seen())?.mergeQueue).toEqual({ position: 1, left: after?.mergeQueue?.left });
});

it("does not wait for a branch to be up to date, which the queue sees to, and passes on why GitHub refuses", async () => {
  const { shop, seen, merge, pr } = await world();
  shop.addRuleset("strict", { demands: { isStrict: true, requiresResolvedThreads: true } });
  await shop.review(pr.number, {
    by: "ann",
    verdict: "COMMENT",
    body: "",
    threads: [{ path: "cart.ts", line: 1, body: "Why?" }],
  });
  await seen();
  await expect(merge()).rejects.toMatchObject({
    code: "REFUSED",
    message: expect.stringContaining("A conversation must be resolved"),
  });
});
