import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import type { SCM } from "@agent-orchestrator/core/slots/scm";
import { describe, expect, it, onTestFinished, type TestContext } from "vitest";
import { pluginSession } from "../session.ts";
import { waitFor } from "../wait-for.ts";
import { abortedScmContract } from "./scm-aborted.ts";

/** One scm over an empty repository with the base branch `main`. By default one approval and no check is required. */
export interface ScmWorld {
  scm: SCM;
  project: ProjectConfig;
  /** Commits these files to the branch, which starts at `main` if it is new. Returns the new head. */
  commit(branch: string, files: Record<string, string>): Promise<string>;
  /** Opens a pull request to `main` as a user or agent would without `createPR`. */
  open(branch: string, title: string): Promise<PRInfo>;
  /** Sets the result of a check on the head of this branch. */
  report?(branch: string, check: { name: string; isPassing: boolean; log: string }): Promise<void>;
  /** From now on the far side does not answer. */
  stall?(): void;
}

export interface ScmHarness {
  /** Called in each test. What it opens is closed when the test ends. */
  setUp(options?: { checks: string[] }): Promise<ScmWorld>;
  /** The optional methods that this plugin has. `checks` means that the harness can report results. */
  capabilities: {
    snapshots: boolean;
    create: boolean;
    /** Submits as this user. On a forge the author of a pull request must not approve it. */
    review: boolean;
    resolve: boolean;
    diff: boolean;
    pinnedMerge: boolean;
    watch: boolean;
    checks: boolean;
  };
}

const codeOf = async (asked: Promise<unknown> | undefined) => {
  const error = await (asked ?? Promise.resolve("not there")).catch((thrown: unknown) => thrown);
  return isAoError(error) ? error.code : error;
};

export function scmContract(name: string, harness: ScmHarness): void {
  describe(`scm contract: ${name}`, () => {
    readingContract(harness);
    writingContract(harness);
    mergingContract(harness);
    stackedContract(harness);
    abortedScmContract(harness.setUp);
  });
}

const needs = (test: TestContext, has: boolean, what: string) => test.skip(!has, `this scm has no ${what}`);

function readingContract({ setUp, capabilities }: ScmHarness): void {
  it("finds the pull request of a session by its branch, or returns null", async () => {
    const { scm, project, commit, open } = await setUp();
    await commit("feat/1", { "x.txt": "1" });
    expect(await scm.detectPR(pluginSession({ branch: "feat/1" }), project)).toBeNull();
    const pr = await open("feat/1", "One");
    expect(pr).toMatchObject({ title: "One", branch: "feat/1", baseBranch: "main", isDraft: false });
    expect(await scm.detectPR(pluginSession({ branch: "feat/1" }), project)).toEqual(pr);
    expect(await scm.detectPR(pluginSession({ branch: "feat" }), project)).toBeNull();
  });

  it("answers every query about a new pull request", async () => {
    const { scm, commit, open } = await setUp();
    await commit("feat/1", { "x.txt": "1" });
    const pr = await open("feat/1", "One");
    expect(await scm.getPRState(pr)).toBe("open");
    expect(await scm.getReviews(pr)).toEqual([]);
    expect(await scm.getReviewDecision(pr)).toBe("pending");
    expect(await scm.getPendingComments(pr)).toEqual([]);
    expect(await scm.getAutomatedComments(pr)).toEqual([]);
    expect(await scm.getMergeability(pr)).toMatchObject({ mergeable: false, approved: false, noConflicts: true });
  });

  it("returns the same in a snapshot as one by one", async (test) => {
    needs(test, capabilities.snapshots, "getSnapshots");
    const { scm, commit, open } = await setUp();
    const heads = [await commit("feat/1", { "x.txt": "1" }), await commit("feat/2", { "y.txt": "1" })];
    const prs = [await open("feat/1", "One"), await open("feat/2", "Two")];
    const snapshots = (await scm.getSnapshots?.(prs)) ?? [];
    expect(snapshots.map((one) => one?.info)).toEqual(prs);
    expect(snapshots.map((one) => one?.headSha)).toEqual(heads);
    for (const [index, pr] of prs.entries()) {
      expect(snapshots[index]).toMatchObject({
        state: await scm.getPRState(pr),
        ci: await scm.getCISummary(pr),
        checks: await scm.getCIChecks(pr),
        review: await scm.getReviewDecision(pr),
        readiness: await scm.getMergeability(pr),
      });
    }
    const gone = { ...(prs[0] as PRInfo), number: 9_999, url: "nowhere" };
    expect(await scm.getSnapshots?.([gone, ...prs])).toMatchObject([null, { info: prs[0] }, { info: prs[1] }]);
  });

  it("detects a conflict with the base", async () => {
    const { scm, commit, open } = await setUp();
    await commit("feat/1", { "same.txt": "theirs" });
    const pr = await open("feat/1", "One");
    await commit("main", { "same.txt": "ours" });
    const readiness = await waitFor(async () => {
      const found = await scm.getMergeability(pr);
      return found.noConflicts ? null : found;
    });
    expect(readiness).toMatchObject({ mergeable: false });
    expect(readiness.blockers.join()).toMatch(/conflict/);
    const [snapshot] = (await scm.getSnapshots?.([pr])) ?? [];
    if (scm.getConflicts === undefined || !snapshot?.baseSha) return;
    const { headSha, baseSha } = snapshot;
    const found = await scm.getConflicts(pr, { headSha, baseSha });
    expect(found).toMatchObject({ files: ["same.txt"], fileCount: 1, commitCount: 1, commits: [expect.any(String)] });
  });

  it("returns the result of a check and the end of its log", async (test) => {
    needs(test, capabilities.checks, "checks that a test can set");
    const { scm, commit, open, report } = await setUp({ checks: ["test"] });
    await commit("feat/1", { "x.txt": "1" });
    const pr = await open("feat/1", "One");
    await report?.("feat/1", { name: "test", isPassing: false, log: `${"noise\n".repeat(5_000)}the reason\n` });
    expect(await scm.getCISummary(pr)).toBe("failing");
    const check = (await scm.getCIChecks(pr)).find((one) => one.name === "test");
    if (check === undefined) throw new Error("the check is missing");
    expect(check.status).toBe("failed");
    expect(await scm.getMergeability(pr)).toMatchObject({ mergeable: false, ciPassing: false });
    const log = await scm.getCheckLog?.(pr, check, { maxBytes: 1_000 });
    expect(log).toContain("the reason");
    expect(log?.length).toBeLessThanOrEqual(1_000);
  });
}

function writingContract({ setUp, capabilities }: ScmHarness): void {
  it("opens one pull request per branch, however often it is asked", async (test) => {
    needs(test, capabilities.create, "createPR");
    const { scm, commit } = await setUp();
    await commit("feat/1", { "x.txt": "1" });
    const input = { title: "One", body: "why", branch: "feat/1", baseBranch: "main" };
    const first = await scm.createPR?.(input);
    expect(await scm.createPR?.({ ...input, title: "Another" })).toEqual(first);
  });

  it("opens a draft, which is not merged before it is marked as ready for review", async (test) => {
    needs(test, capabilities.create, "createPR");
    const { scm, commit } = await setUp();
    needs(test, scm.markReady !== undefined, "markReady");
    await commit("feat/1", { "x.txt": "1" });
    const input = { title: "One", body: "", branch: "feat/1", baseBranch: "main", isDraft: true };
    const pr = (await scm.createPR?.(input)) as PRInfo;
    expect([pr.isDraft, await scm.getPRState(pr)]).toEqual([true, "draft"]);
    expect((await scm.getMergeability(pr)).blockers).toContain("it is a draft");
    await scm.markReady?.(pr);
    await scm.markReady?.(pr);
    expect(await scm.getPRState(pr)).toBe("open");
    expect((await scm.getMergeability(pr)).blockers).not.toContain("it is a draft");
    await scm.closePR(pr);
    expect(await codeOf(scm.markReady?.(pr))).toBe("REFUSED");
  });

  it("closes a pull request, and closing it again is fine", async () => {
    const { scm, commit, open } = await setUp();
    await commit("feat/1", { "x.txt": "1" });
    const pr = await open("feat/1", "One");
    await scm.closePR(pr);
    await scm.closePR(pr);
    expect(await scm.getPRState(pr)).toBe("closed");
    expect(await codeOf(scm.mergePR(pr))).toBe("REFUSED");
  });

  it("accepts a review with comments, and an approval of the current head", async (test) => {
    needs(test, capabilities.review, "submitReview by this user");
    const { scm, commit, open } = await setUp();
    const head = await commit("feat/1", { "x.txt": "first\nsecond\n" });
    const pr = await open("feat/1", "One");
    const comments = [{ path: "x.txt", line: 2, body: "why?" }];
    await scm.submitReview?.(pr, { id: "wish-1", state: "changes_requested", body: "please", comments });
    await scm.submitReview?.(pr, { id: "wish-1", state: "changes_requested", body: "please", comments });
    expect((await scm.getReviews(pr)).length).toBe(1);
    expect(await scm.getReviewDecision(pr)).toBe("changes_requested");
    const pending = await scm.getPendingComments(pr);
    expect(pending.find((one) => one.path === "x.txt")).toMatchObject({ line: 2, body: "why?", isResolved: false });
    expect(new Set(pending.map((one) => one.id)).size).toBe(pending.length);
    await scm.submitReview?.(pr, { state: "approved", body: "", headSha: head });
    expect(await scm.getReviewDecision(pr)).toBe("approved");
    await commit("feat/1", { "y.txt": "1" });
    expect(await codeOf(scm.submitReview?.(pr, { state: "approved", body: "", headSha: head }))).toBe("REFUSED");
  });

  it("resolves a thread", async (test) => {
    needs(test, capabilities.review && capabilities.resolve, "resolve");
    const { scm, commit, open } = await setUp();
    await commit("feat/1", { "x.txt": "1\n" });
    const pr = await open("feat/1", "One");
    await scm.submitReview?.(pr, { state: "commented", body: "", comments: [{ path: "x.txt", line: 1, body: "hm" }] });
    const [comment] = await scm.getPendingComments(pr);
    await scm.resolve?.(pr, comment?.id ?? "");
    expect(await scm.getPendingComments(pr)).toEqual([]);
  });

  it("shows what the branch changes and nothing else", async (test) => {
    needs(test, capabilities.diff, "getDiff");
    const { scm, commit, open } = await setUp();
    await commit("feat/1", { "x.txt": "mine\n" });
    const pr = await open("feat/1", "One");
    await commit("main", { "other.txt": "not mine\n" });
    const diff = await scm.getDiff?.(pr);
    expect(diff).toContain("+mine");
    expect(diff).not.toContain("other.txt");
  });

  it("calls a watcher when a branch moves", async (test) => {
    needs(test, capabilities.watch, "watch");
    const { scm, commit, open } = await setUp();
    await commit("feat/1", { "x.txt": "1" });
    const pr = await open("feat/1", "One");
    const seen: { number?: number; branch?: string }[] = [];
    const watching = await scm.watch?.((change) => seen.push(change));
    onTestFinished(() => watching?.stop());
    await waitFor(async () => {
      await commit("feat/1", { "x.txt": `${seen.length} ${performance.now()}` });
      return seen.some((change) => change.number === pr.number || change.branch === "feat/1");
    });
  });
}

function stackedContract({ setUp, capabilities }: ScmHarness): void {
  for (const ending of ["merged", "closed"] as const) {
    it(`moves what is based on a ${ending} pull request to the base of that one`, async (test) => {
      needs(test, capabilities.create && capabilities.review && capabilities.snapshots, "createPR and submitReview");
      const { scm, commit } = await setUp();
      await commit("feat/1", { "x.txt": "1" });
      const parent = await scm.createPR?.({ title: "One", body: "", branch: "feat/1", baseBranch: "main" });
      await commit("feat/2", { "y.txt": "1" });
      const child = await scm.createPR?.({ title: "Two", body: "", branch: "feat/2", baseBranch: "feat/1" });
      if (parent === undefined || child === undefined) throw new Error("createPR returned nothing");
      expect(child.baseBranch).toBe("feat/1");
      await scm.submitReview?.(parent, { state: "approved", body: "" });
      await (ending === "merged" ? scm.mergePR(parent) : scm.closePR(parent));
      const [seen] = (await scm.getSnapshots?.([child])) ?? [];
      expect(seen?.info).toMatchObject({ number: child.number, baseBranch: "main" });
    });
  }
}

function mergingContract({ setUp, capabilities }: ScmHarness): void {
  const ready = async (world: ScmWorld) => {
    const head = await world.commit("feat/1", { "x.txt": "1" });
    const pr = await world.open("feat/1", "One");
    await world.scm.submitReview?.(pr, { state: "approved", body: "" });
    return { head, pr };
  };

  it("refuses to merge what nobody approved", async () => {
    const { scm, commit, open } = await setUp();
    await commit("feat/1", { "x.txt": "1" });
    expect(await codeOf(scm.mergePR(await open("feat/1", "One")))).toBe("REFUSED");
  });

  for (const method of ["merge", "squash", "rebase"] as const) {
    it(`merges by ${method}, once, and says so`, async (test) => {
      needs(test, capabilities.review, "submitReview by this user");
      const world = await setUp();
      const { pr } = await ready(world);
      expect(await world.scm.getMergeability(pr)).toMatchObject({ mergeable: true, blockers: [] });
      await world.scm.mergePR(pr, method);
      await world.scm.mergePR(pr, method);
      expect(await world.scm.getPRState(pr)).toBe("merged");
      expect((await world.scm.getMergeability(pr)).mergeable).toBe(false);
    });
  }

  it("merges only the head that was judged", async (test) => {
    needs(test, capabilities.review && capabilities.pinnedMerge, "pinned merge");
    const world = await setUp();
    const { head, pr } = await ready(world);
    await world.commit("feat/1", { "x.txt": "2" });
    await world.scm.submitReview?.(pr, { state: "approved", body: "" });
    expect(await codeOf(world.scm.mergePR(pr, "merge", { expectedHeadSha: head }))).toBe("REFUSED");
    expect(await world.scm.getPRState(pr)).toBe("open");
  });
}
