import { expect, test } from "vitest";
import { openChange, startScene } from "./start.ts";

const repo = { owner: "acme", repo: "shop" };

test("classic protection and rulesets demand checks and approvals, and refuse in GitHub's words", async () => {
  const scene = await startScene();
  const { ann, wes, shop } = scene;
  const pr = await openChange(scene);
  const at = { ...repo, pull_number: pr.number };
  await ann.repos.updateBranchProtection({
    ...repo,
    branch: "main",
    required_status_checks: { strict: false, checks: [{ context: "test" }], contexts: [] },
    required_pull_request_reviews: { required_approving_review_count: 1, dismiss_stale_reviews: true },
    enforce_admins: true,
    restrictions: null,
  });
  const { data } = await ann.repos.getBranchProtection({ ...repo, branch: "main" });
  expect([
    data.required_status_checks?.contexts,
    data.required_pull_request_reviews?.required_approving_review_count,
  ]).toEqual([["test"], 1]);
  await expect(wes.repos.getBranchProtection({ ...repo, branch: "main" })).rejects.toMatchObject({ status: 403 });
  expect(
    (await wes.repos.getBranch({ ...repo, branch: "main" })).data.protection.required_status_checks?.contexts,
  ).toEqual(["test"]);
  await expect(wes.pulls.merge(at)).rejects.toMatchObject({
    status: 405,
    message: expect.stringMatching(/At least 1 approving review.*"test" is expected/),
  });
  await ann.pulls.createReview({ ...at, event: "APPROVE" });
  shop.finishCheck(pr.pull.headSha, { name: "test", by: "wes", conclusion: "failure" });
  await expect(wes.pulls.merge(at)).rejects.toMatchObject({ message: expect.stringContaining('"test" is failing') });
  await shop.pushCommit("feat", { by: "wes", files: { "a.txt": "a" } });
  expect((await wes.pulls.listReviews(at)).data[0]?.state).toBe("DISMISSED");
  await ann.repos.deleteBranchProtection({ ...repo, branch: "main" });
  await ann.repos.createRepoRuleset({
    ...repo,
    name: "main",
    enforcement: "active",
    conditions: { ref_name: { include: ["~DEFAULT_BRANCH"], exclude: [] } },
    rules: [
      {
        type: "required_status_checks",
        parameters: { strict_required_status_checks_policy: true, required_status_checks: [{ context: "lint" }] },
      },
      {
        type: "pull_request",
        parameters: {
          required_approving_review_count: 0,
          dismiss_stale_reviews_on_push: false,
          require_code_owner_review: false,
          require_last_push_approval: false,
          required_review_thread_resolution: true,
        },
      },
    ],
  });
  expect((await wes.repos.getBranchRules({ ...repo, branch: "main" })).data.map(({ type }) => type)).toEqual([
    "pull_request",
    "required_status_checks",
  ]);
  await shop.review(pr.number, { by: "ann", verdict: "COMMENT", threads: [{ path: "a.txt", line: 1, body: "a?" }] });
  await expect(wes.pulls.merge(at)).rejects.toMatchObject({
    message: expect.stringMatching(
      /rule violations found[\s\S]*"lint" is expected[\s\S]*conversation must be resolved/,
    ),
  });
});

test("a branch that is behind is brought up to date by its head, when the base demands it", async () => {
  const scene = await startScene();
  const { wes, shop } = scene;
  const pr = await openChange(scene);
  const at = { ...repo, pull_number: pr.number };
  await shop.protect("main", { isStrict: true, requiredChecks: [{ context: "test", appId: null }] });
  shop.finishCheck(pr.pull.headSha, { name: "test", by: "wes", conclusion: "success" });
  await shop.pushCommit("main", { by: "ann", files: { "b.txt": "b" } });
  await shop.knowMergeability(pr.number);
  expect((await wes.pulls.get(at)).data.mergeable_state).toBe("behind");
  await expect(wes.pulls.updateBranch({ ...at, expected_head_sha: "0".repeat(40) })).rejects.toMatchObject({
    status: 422,
  });
  const before = pr.pull.headSha;
  await wes.pulls.updateBranch({ ...at, expected_head_sha: before });
  expect(pr.pull.headSha).not.toBe(before);
  await shop.knowMergeability(pr.number);
  expect((await wes.pulls.get(at)).data.mergeable_state).toBe("blocked");
});

test("a merge queue tests the merge on a branch of its own, and merges or removes the entry", async () => {
  const scene = await startScene();
  const { query, shop, wes, github } = scene;
  const pr = await openChange(scene);
  shop.addRuleset("queue", { demands: { mergeQueue: "squash", requiredChecks: [{ context: "test", appId: null }] } });
  shop.finishCheck(pr.pull.headSha, { name: "test", by: "wes", conclusion: "success" });
  await expect(wes.pulls.merge({ ...repo, pull_number: pr.number })).rejects.toMatchObject({
    status: 405,
    message: expect.stringContaining("merge queue"),
  });
  const enqueue = () =>
    query(
      `mutation($id: ID!, $head: GitObjectID!) { enqueuePullRequest(input: { pullRequestId: $id, expectedHeadOid: $head }) { mergeQueueEntry { state position } } }`,
      { id: pr.nodeId, head: pr.pull.headSha },
    );
  await enqueue();
  await github.settled();
  const [entry] = shop.repo.queue;
  expect(entry?.state).toBe("AWAITING_CHECKS");
  shop.finishCheck(entry?.headSha ?? "", {
    name: "test",
    by: "wes",
    branch: entry?.headRef ?? "",
    conclusion: "failure",
  });
  await github.settled();
  expect([shop.repo.queue.length, pr.state]).toEqual([0, "open"]);
  await enqueue();
  await github.settled();
  const [again] = shop.repo.queue;
  shop.finishCheck(again?.headSha ?? "", {
    name: "test",
    by: "wes",
    branch: again?.headRef ?? "",
    conclusion: "success",
  });
  await github.settled();
  expect([pr.state, pr.pull.mergedBy?.login, pr.pull.mergeSha]).toEqual(["closed", "wes", again?.headSha]);
  expect((await wes.repos.listBranches(repo)).data.map(({ name }) => name)).toEqual(["feat", "main"]);
});

test("auto-merge merges once nothing stands against it, and deletes the branch when the repository says so", async () => {
  const scene = await startScene();
  const { query, shop, wes, github } = scene;
  const pr = await openChange(scene);
  shop.set({ allowAutoMerge: true, deleteBranchOnMerge: true });
  await shop.protect("main", { requiredApprovals: 1 });
  await query(
    `mutation($id: ID!) { enablePullRequestAutoMerge(input: { pullRequestId: $id, mergeMethod: SQUASH }) { pullRequest { autoMergeRequest { mergeMethod } } } }`,
    { id: pr.nodeId },
  );
  expect((await wes.pulls.get({ ...repo, pull_number: pr.number })).data.auto_merge?.merge_method).toBe("squash");
  await shop.review(pr.number, { by: "ann", verdict: "APPROVE" });
  await github.settled();
  expect([pr.pull.mergedAt === null, (await wes.repos.listBranches(repo)).data.map(({ name }) => name)]).toEqual([
    false,
    ["main"],
  ]);
});

test("a pull request that is stacked on a merged branch moves to its base", async () => {
  const scene = await startScene();
  const { shop } = scene;
  shop.set({ deleteBranchOnMerge: true });
  const below = await openChange(scene);
  await shop.pushCommit("above", { by: "wes", files: { "c.txt": "c" }, from: "feat" });
  const above = await shop.openPull({ by: "wes", title: "above", head: "above", base: "feat" });
  await shop.merge(below.number, { by: "ann" });
  expect([above.pull.baseRef, above.state]).toEqual(["main", "open"]);
});

test("only people with write access decide a review, and a dismissal takes the decision back", async () => {
  const scene = await startScene();
  const { shop, query } = scene;
  const pr = await openChange(scene);
  await shop.protect("main", { requiredApprovals: 1 });
  const decision = async () =>
    (
      await query<{ node: { reviewDecision: string } }>(
        `query($id: ID!) { node(id: $id) { ... on PullRequest { reviewDecision } } }`,
        { id: pr.nodeId },
      )
    ).node.reviewDecision;
  await shop.review(pr.number, { by: "rob", verdict: "APPROVE" });
  expect(await decision()).toBe("REVIEW_REQUIRED");
  const no = await shop.review(pr.number, { by: "ann", verdict: "REQUEST_CHANGES", body: "no" });
  await shop.review(pr.number, { by: "ann", verdict: "COMMENT", body: "still no" });
  expect(await decision()).toBe("CHANGES_REQUESTED");
  shop.dismiss(pr.number, no, "ann");
  expect(await decision()).toBe("REVIEW_REQUIRED");
});
