import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it } from "vitest";
import { world } from "./fixtures/world.ts";

const CI = [{ name: "test", run: "test -f good.txt || { echo 'AssertionError: good.txt is missing'; exit 3; }" }];

it("takes a branch from its pull request through failing CI, a fix, a review and an approval to a merge", async () => {
  const { scm, repo, commit, open, watch } = world({ options: { ci: CI } });
  repo.commit("base is fine", { "good.txt": "good\n" });
  await watch();
  commit("feat/1", { "good.txt": null, "a.txt": "one\nTWO\nthree\n" });
  const pr = await open("feat/1", "Shout two");

  const [red] = await waitFor(async () => {
    const found = await scm.getSnapshots([pr]);
    return found[0]?.ci === "failing" ? found : null;
  });
  const check = red?.checks[0];
  expect(check).toMatchObject({ name: "test", status: "failed", attempt: 1, failsOnBase: false });
  expect(await scm.getCheckLog(pr, { name: "test", status: "failed", ...check })).toContain(
    "AssertionError: good.txt is missing",
  );
  expect(red?.readiness.blockers).toContain("checks fail: test");

  const head = commit("feat/1", { "good.txt": "good\n" });
  await waitFor(async () => (await scm.getCISummary(pr)) === "passing");
  expect((await scm.getMergeability(pr)).blockers).toEqual(["its current head needs an approval"]);

  await scm.submitReview(pr, {
    state: "changes_requested",
    body: "",
    comments: [{ path: "a.txt", line: 2, body: "why?" }],
  });
  expect(await scm.getReviewDecision(pr)).toBe("changes_requested");
  expect(await scm.getPendingComments(pr)).toMatchObject([
    { path: "a.txt", line: 2, body: "why?", code: "TWO", author: "Test" },
  ]);

  await scm.submitReview(pr, { state: "approved", body: "fine" });
  expect(await scm.getMergeability(pr)).toEqual({
    mergeable: true,
    ciPassing: true,
    approved: true,
    noConflicts: true,
    blockers: [],
  });
  await scm.mergePR(pr, "merge", { expectedHeadSha: head });

  expect(await scm.getPRState(pr)).toBe("merged");
  expect(repo.git("log", "--format=%s", "-1", "main").trim()).toBe("Merge pull request #1 from feat/1");
  expect(repo.git("rev-parse", "main^2").trim()).toBe(head);
  expect(repo.git("status", "--porcelain")).toBe("");
  expect(repo.git("show", "main:a.txt")).toBe("one\nTWO\nthree\n");
});
