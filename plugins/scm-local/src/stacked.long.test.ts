import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { MergeMethod, PRInfo } from "@agent-orchestrator/core/model/pull-request";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { describe, expect, it } from "vitest";
import { recordOf } from "./desk.ts";
import { type World, world } from "./fixtures/world.ts";

const approve = (w: World, pr: PRInfo) => w.scm.submitReview(pr, { state: "approved", body: "" });
const snapshot = async (w: World, pr: PRInfo) => {
  const [found] = await w.scm.getSnapshots([pr]);
  if (!found) throw new Error(`no snapshot of #${pr.number}`);
  return found;
};

/** Commits to a new branch that starts at the tip of another, and opens a pull request with that one as its base. */
async function stack(w: World, [branch, base]: [string, string], files: Record<string, string>): Promise<PRInfo> {
  if (base !== "main") w.repo.git("branch", branch, base);
  w.commit(branch, files);
  return w.scm.createPR({ title: `Do ${branch}`, body: "", branch, baseBranch: base });
}

const METHODS: MergeMethod[] = ["merge", "squash", "rebase"];

describe.each(METHODS)("a pull request based on the branch of another one, after a %s of that one", (method) => {
  it("moves to main, keeps its approval, shows only its own changes, and is merged into main", async () => {
    const w = world({ options: { ciSettle: 0 } });
    const parent = await stack(w, ["feat/1", "main"], { "a.txt": "one\nTWO\nthree\n", "p.txt": "p\n" });
    // The same line again. This would conflict with main as it was before the parent.
    const child = await stack(w, ["feat/2", "feat/1"], { "a.txt": "one\nTWO!\nthree\n", "c.txt": "c\n" });
    await approve(w, parent);
    await approve(w, child);
    await w.scm.mergePR(parent, method);

    const seen = await snapshot(w, child);
    expect(seen.info.baseBranch).toBe("main");
    expect(seen.baseNote).toBe("now based on main: PR 1 (feat/1) was merged");
    expect(seen).toMatchObject({ state: "open", hasConflicts: false, review: "approved" });
    expect(seen.readiness).toMatchObject({ mergeable: true, blockers: [] });
    const diff = await w.scm.getDiff(child);
    expect(diff).toContain("+TWO!");
    expect(diff).not.toContain("p.txt");

    await w.scm.mergePR(seen.info, method);
    expect(w.repo.git("show", "main:a.txt")).toBe("one\nTWO!\nthree\n");
    expect([w.repo.git("show", "main:c.txt"), w.repo.git("show", "main:p.txt")]).toEqual(["c\n", "p\n"]);
    expect(await w.scm.getDiff(child)).not.toContain("p.txt");
  });

  it("moves what is stacked on it: a chain of three ends in main, in whichever order it is merged", async () => {
    const w = world({ options: { requiredReviews: 0, ciSettle: 0 } });
    const one = await stack(w, ["feat/1", "main"], { "a.txt": "1\n" });
    const two = await stack(w, ["feat/2", "feat/1"], { "a.txt": "1\n2\n" });
    const three = await stack(w, ["feat/3", "feat/2"], { "a.txt": "1\n2\n3\n" });
    // The middle one comes first. It is merged into the first, and the third moves with it.
    await w.scm.mergePR(two, method);
    expect((await snapshot(w, three)).info.baseBranch).toBe("feat/1");
    await w.scm.mergePR(one, method);
    expect(await snapshot(w, three)).toMatchObject({ info: { baseBranch: "main" }, hasConflicts: false });
    await w.scm.mergePR(three, method);
    expect(w.repo.git("show", "main:a.txt")).toBe("1\n2\n3\n");
  });
});

it("a child that has no pull request yet opens it with the base that its parent was merged into", async () => {
  const w = world({ options: { requiredReviews: 0, ciSettle: 0 } });
  const one = await stack(w, ["feat/1", "main"], { "a.txt": "1\n" });
  const two = await stack(w, ["feat/2", "feat/1"], { "a.txt": "1\n2\n" });
  w.repo.git("branch", "feat/3", "feat/2");
  w.commit("feat/3", { "a.txt": "1\n2\n3\n" });
  await w.scm.mergePR(one, "squash");
  await w.scm.mergePR(two, "squash");
  const three = await w.scm.createPR({ title: "Three", body: "", branch: "feat/3", baseBranch: "feat/2" });
  expect(three.baseBranch).toBe("main");
  expect((await snapshot(w, three)).readiness.mergeable).toBe(true);
  expect(await w.scm.getDiff(three)).toContain("+3");
});

it("after its parent was closed, the child moves too, says so, and needs an approval of the commits that it now contains", async () => {
  const w = world({ options: { requiredReviews: 0, ciSettle: 0 } });
  const parent = await stack(w, ["feat/1", "main"], { "p.txt": "p\n" });
  const child = await stack(w, ["feat/2", "feat/1"], { "c.txt": "c\n" });
  await approve(w, child);
  expect((await snapshot(w, child)).review).toBe("approved");
  await w.scm.closePR(parent);
  const seen = await snapshot(w, child);
  expect(seen.info.baseBranch).toBe("main");
  expect(seen.baseNote).toContain(
    "PR 1 (feat/1) was closed without a merge, and its commits are part of this pull request",
  );
  expect(seen).toMatchObject({ review: "pending", readiness: { mergeable: false } });
  expect(await w.scm.getDiff(child)).toContain("p.txt");
  await approve(w, child);
  expect((await snapshot(w, child)).readiness.mergeable).toBe(true);
});

it("the checks of the child run again once its base changes", async () => {
  const w = world({ options: { ci: [{ name: "test", run: "test -f p.txt" }], ciSettle: 0, requiredReviews: 0 } });
  const parent = await stack(w, ["feat/1", "main"], { "p.txt": "p\n" });
  const child = await stack(w, ["feat/2", "feat/1"], { "c.txt": "c\n" });
  await w.watch();
  await waitFor(async () => (await w.scm.getCISummary(child)) === "passing");
  expect((await w.scm.getCIChecks(child))[0]).toMatchObject({ attempt: 1 });
  await waitFor(async () => (await w.scm.getCISummary(parent)) === "passing");
  await w.scm.mergePR(parent, "squash");
  await waitFor(async () => (await w.scm.getCIChecks(child))[0]?.attempt === 2);
  expect(await snapshot(w, child)).toMatchObject({ ci: "passing", info: { baseBranch: "main" } });
});

it("the child follows a parent that was merged with plain git, or by a daemon that was killed at that moment", async () => {
  const w = world({ options: { requiredReviews: 0, ciSettle: 0 } });
  const one = await stack(w, ["feat/1", "main"], { "p.txt": "p\n" });
  const two = await stack(w, ["feat/2", "feat/1"], { "c.txt": "c\n" });
  const three = await stack(w, ["feat/3", "feat/2"], { "d.txt": "d\n" });
  w.repo.git("merge", "-q", "--no-edit", "feat/1");
  // The killed daemon left a record that says merged, and has not updated what builds on it.
  w.desk.prs.put("2", { ...recordOf(w.desk, two), state: "merged", mergedAt: "2026-01-01T00:00:00.000Z" });
  const next = w.again();
  await next.watch();
  await waitFor(async () => (await next.scm.getPRState(one)) === "merged");
  await waitFor(async () => (await snapshot(next, three)).info.baseBranch === "main");
});

it("a merge before the next poll goes to the new base, not into the finished branch", async () => {
  const w = world({ options: { requiredReviews: 0, ciSettle: 0 } });
  const one = await stack(w, ["feat/1", "main"], { "p.txt": "p\n" });
  const two = await stack(w, ["feat/2", "feat/1"], { "c.txt": "c\n" });
  w.repo.git("merge", "-q", "--no-edit", "feat/1");
  w.desk.prs.put("1", { ...recordOf(w.desk, one), state: "merged" });
  await w.scm.mergePR(two, "merge");
  expect(w.repo.git("show", "main:c.txt")).toBe("c\n");
});

it("a deleted base without a pull request is replaced by the default branch", async () => {
  const w = world({ options: { requiredReviews: 0, ciSettle: 0 } });
  w.commit("feat/1", { "p.txt": "p\n" });
  const child = await stack(w, ["feat/2", "feat/1"], { "c.txt": "c\n" });
  w.repo.git("branch", "-D", "feat/1");
  await w.watch();
  await waitFor(async () => (await snapshot(w, child)).info.baseBranch === "main");
  const seen = await snapshot(w, child);
  expect(seen.baseNote).toBe("now based on main: its base feat/1 was deleted");
  expect(seen.review).toBe("pending");
});

it("a deleted branch of a merged parent, and a parent whose session has ended, leave the child where it belongs", async () => {
  const w = world({ options: { requiredReviews: 0, ciSettle: 0 } });
  const one = await stack(w, ["feat/1", "main"], { "p.txt": "p\n" });
  const two = await stack(w, ["feat/2", "feat/1"], { "c.txt": "c\n" });
  expect((await snapshot(w, two)).info.baseBranch).toBe("feat/1");
  await w.scm.mergePR(one, "squash");
  w.repo.git("branch", "-D", "feat/1");
  expect(await snapshot(w, two)).toMatchObject({ info: { baseBranch: "main" }, readiness: { mergeable: true } });
});

it("a long-lived branch stays the base of what is based on it, even after its own pull request was merged", async () => {
  const w = world({ options: { requiredReviews: 0, ciSettle: 0 } });
  w.commit("develop", { "p.txt": "p\n" });
  const input = { title: "Release", body: "", branch: "develop", baseBranch: "main", isOwnBranch: false };
  const release = await w.scm.createPR(input);
  const child = await stack(w, ["feat/2", "develop"], { "c.txt": "c\n" });
  await w.scm.mergePR(release, "merge");
  expect((await snapshot(w, child)).info.baseBranch).toBe("develop");
  const later = await stack(w, ["feat/3", "develop"], { "d.txt": "d\n" });
  expect(later.baseBranch).toBe("develop");
});

it.each(METHODS)(
  "after a %s, new commits on the same branch get a new pull request, and without any there is none",
  async (method) => {
    const w = world({ options: { requiredReviews: 0, ciSettle: 0 } });
    const first = await stack(w, ["feat/1", "main"], { "a.txt": "one\nTWO\nthree\n" });
    await w.scm.mergePR(first, method);
    const again = { title: "More", body: "", branch: "feat/1", baseBranch: "main" };
    const refused = await w.scm.createPR(again).catch((error: unknown) => error);
    expect(isAoError(refused) && refused.code).toBe("REFUSED");
    w.commit("feat/1", { "a.txt": "one\nTWO\nTHREE\n" });
    const second = await w.scm.createPR(again);
    expect(second.number).toBe(2);
    expect(await w.scm.getPRState(first)).toBe("merged");
    expect(await snapshot(w, second)).toMatchObject({ hasConflicts: false, readiness: { mergeable: true } });
    expect(await w.scm.getDiff(second)).not.toContain("+TWO");
    await w.scm.mergePR(second, method);
    expect(w.repo.git("show", "main:a.txt")).toBe("one\nTWO\nTHREE\n");
  },
);

it("a session that switches branches keeps its pull request and what is based on it", async () => {
  const w = world({ options: { requiredReviews: 0, ciSettle: 0 } });
  const parent = await stack(w, ["feat/1", "main"], { "p.txt": "p\n" });
  const child = await stack(w, ["feat/2", "feat/1"], { "c.txt": "c\n" });
  w.repo.git("branch", "-m", "feat/1", "fix/login");
  await w.scm.moveBranch("feat/1", "fix/login");
  expect(await snapshot(w, parent)).toMatchObject({ state: "open", info: { branch: "fix/login", baseBranch: "main" } });
  expect((await snapshot(w, child)).info.baseBranch).toBe("fix/login");
  await w.scm.mergePR(parent, "squash");
  await w.scm.mergePR(child, "squash");
  expect(w.repo.git("show", "main:c.txt")).toBe("c\n");
});
