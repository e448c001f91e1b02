import { expect, test } from "vitest";
import { openChange, startScene } from "./start.ts";

const repo = { owner: "acme", repo: "shop" };

test("issues are opened, listed page by page, labelled, assigned, commented and closed", async () => {
  const { wes } = await startScene();
  for (let at = 1; at <= 5; at++)
    await wes.issues.create({ ...repo, title: `issue ${at}`, labels: ["bug"], assignees: ["wes", "nobody"] });
  const all = await wes.paginate(wes.issues.listForRepo, { ...repo, per_page: 2, labels: "bug" });
  expect(all.map(({ number }) => number)).toEqual([5, 4, 3, 2, 1]);
  expect(all[0]?.assignees?.map(({ login }) => login)).toEqual(["wes"]);
  await wes.issues.addLabels({ ...repo, issue_number: 1, labels: ["big"] });
  await wes.issues.removeLabel({ ...repo, issue_number: 1, name: "bug" });
  await wes.issues.createComment({ ...repo, issue_number: 1, body: "hello" });
  await wes.issues.update({ ...repo, issue_number: 1, state: "closed", state_reason: "not_planned" });
  const { data } = await wes.issues.get({ ...repo, issue_number: 1 });
  expect([data.state, data.state_reason, data.comments, data.closed_by?.login]).toEqual([
    "closed",
    "not_planned",
    1,
    "wes",
  ]);
  const { data: timeline } = await wes.issues.listEventsForTimeline({ ...repo, issue_number: 1 });
  expect(timeline.map((row) => row.event)).toEqual(["labeled", "unlabeled", "commented", "closed"]);
  const { data: found } = await wes.search.issuesAndPullRequests({ q: "repo:acme/shop is:issue is:open label:bug" });
  expect(found.total_count).toBe(4);
});

test("people without write access open issues and comment, but their labels are dropped", async () => {
  const { rob } = await startScene();
  const { data } = await rob.issues.create({ ...repo, title: "help", labels: ["bug"], assignees: ["ann"] });
  expect([data.labels, data.assignees]).toEqual([[], []]);
  await expect(rob.issues.addLabels({ ...repo, issue_number: 1, labels: ["bug"] })).rejects.toMatchObject({
    status: 404,
  });
  await expect(rob.repos.update({ ...repo, has_issues: false })).rejects.toMatchObject({ status: 403 });
});

test("a pull request is opened, measured, reviewed and merged by its head, and closes its issue", async () => {
  const scene = await startScene();
  const { shop, wes, ann } = scene;
  shop.openIssue({ by: "ann", title: "wrong total" });
  await shop.pushCommit("feat", { by: "wes", files: { "src/cart.ts": "export const total = 10;\n" } });
  const { data: pr } = await wes.pulls.create({
    ...repo,
    title: "Fix it",
    body: "Fixes #1",
    head: "feat",
    base: "main",
  });
  expect([pr.number, pr.mergeable, pr.changed_files]).toEqual([2, null, 1]);
  const { data: again } = await wes.pulls.get({ ...repo, pull_number: 2 });
  expect([again.mergeable, again.mergeable_state]).toEqual([true, "clean"]);
  await expect(wes.pulls.createReview({ ...repo, pull_number: 2, event: "APPROVE" })).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining("Can not approve your own pull request"),
  });
  await ann.pulls.createReview({ ...repo, pull_number: 2, event: "APPROVE", body: "good" });
  await expect(wes.pulls.merge({ ...repo, pull_number: 2, sha: "0".repeat(40) })).rejects.toMatchObject({
    status: 409,
  });
  const { data: merged } = await wes.pulls.merge({ ...repo, pull_number: 2, sha: pr.head.sha, merge_method: "squash" });
  expect(merged.merged).toBe(true);
  const { data: commit } = await wes.repos.getCommit({ ...repo, ref: "main" });
  expect(commit.commit.message).toBe("Fix it (#2)\n\nFixes #1");
  expect((await wes.issues.get({ ...repo, issue_number: 1 })).data.state).toBe("closed");
  expect((await wes.pulls.listFiles({ ...repo, pull_number: 2 })).data.map(({ filename }) => filename)).toEqual([
    "src/cart.ts",
  ]);
});

test("review threads are opened on lines of the diff, answered, and outdated by a push", async () => {
  const scene = await startScene();
  const { ann, wes, shop } = scene;
  const pr = await openChange(scene);
  const at = { ...repo, pull_number: pr.number };
  await ann.pulls.createReview({
    ...at,
    event: "REQUEST_CHANGES",
    body: "please",
    comments: [{ path: "src/cart.ts", line: 1, body: "why 10?" }],
  });
  await expect(
    ann.pulls.createReviewComment({ ...at, commit_id: pr.pull.headSha, path: "README.md", line: 1, body: "no" }),
  ).rejects.toMatchObject({ status: 422 });
  const [comment] = (await wes.pulls.listReviewComments(at)).data;
  expect([comment?.line, comment?.diff_hunk.split("\n").at(-1)]).toEqual([1, "+export const total = 10;"]);
  await wes.pulls.createReplyForReviewComment({ ...at, comment_id: comment?.id ?? 0, body: "because" });
  await shop.pushCommit("feat", { by: "wes", files: { "src/cart.ts": "export const total = 11;\n" } });
  const after = (await wes.pulls.listReviewComments(at)).data;
  expect(after.map(({ line, in_reply_to_id }) => [line, in_reply_to_id ?? null])).toEqual([
    [null, null],
    [null, comment?.id],
  ]);
  expect((await wes.pulls.listReviews(at)).data.map(({ state }) => state)).toEqual(["CHANGES_REQUESTED", "COMMENTED"]);
});

test("checks, statuses, annotations, jobs and their logs are read, and a re-run is a new attempt", async () => {
  const scene = await startScene();
  const { wes, shop, github } = scene;
  const { pull } = await openChange(scene);
  const run = shop.startRun({
    by: "wes",
    sha: pull.headSha,
    branch: "feat",
    jobs: [{ name: "test", steps: ["Run npm ci", "Run npm test"] }, { name: "lint" }],
  });
  const [job, lint] = run.jobs;
  if (job === undefined || lint === undefined) throw new Error("no job");
  shop.finishJob(lint, { conclusion: "success" });
  shop.finishJob(job, {
    conclusion: "failure",
    failingStep: "Run npm test",
    output: { "Run npm test": "expected 1 to be 2" },
  });
  shop.addStatus({ by: "ann", sha: pull.headSha, context: "deploy", state: "pending" });
  const { data: checks } = await wes.checks.listForRef({ ...repo, ref: pull.headSha });
  expect(checks.check_runs.map(({ name, conclusion }) => [name, conclusion])).toEqual([
    ["lint", "success"],
    ["test", "failure"],
  ]);
  const { data: notes } = await wes.checks.listAnnotations({ ...repo, check_run_id: job.check.id });
  expect(notes[0]?.message).toBe("Process completed with exit code 1.");
  const { data: log } = await wes.actions.downloadJobLogsForWorkflowRun({ ...repo, job_id: job.id });
  expect(String(log)).toMatch(
    /Z ##\[group\]Run npm test\n.*\n.*\n.*\n.*expected 1 to be 2\n.*##\[error\]Process completed/,
  );
  expect((await wes.repos.getCombinedStatusForRef({ ...repo, ref: "feat" })).data.state).toBe("pending");
  await wes.actions.reRunWorkflowFailedJobs({ ...repo, run_id: run.id });
  const { data: again } = await wes.actions.getWorkflowRun({ ...repo, run_id: run.id });
  expect([again.run_attempt, again.status, again.conclusion]).toEqual([2, "in_progress", null]);
  expect(
    (await wes.actions.listJobsForWorkflowRunAttempt({ ...repo, run_id: run.id, attempt_number: 1 })).data.jobs[0]
      ?.conclusion,
  ).toBe("failure");
  const waiting = shop.startRun({
    by: "rob",
    sha: pull.headSha,
    branch: "feat",
    jobs: [{ name: "guest" }],
    awaitsApproval: true,
  });
  expect((await wes.actions.getWorkflowRun({ ...repo, run_id: waiting.id })).data.conclusion).toBe("action_required");
  await wes.actions.approveWorkflowRun({ ...repo, run_id: waiting.id });
  expect((await wes.actions.listJobsForWorkflowRun({ ...repo, run_id: waiting.id })).data.total_count).toBe(1);
  await github.settled();
});
