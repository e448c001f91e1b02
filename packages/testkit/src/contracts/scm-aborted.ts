import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import { expect, it } from "vitest";
import { pluginSession } from "../session.ts";
import { type Calls, expectRefusal, interrupted } from "./aborted.ts";
import type { ScmWorld } from "./scm.ts";

const NOWHERE = { headSha: "0".repeat(40), baseSha: "1".repeat(40) };

/** Every method that waits. */
function callsOf({ scm, project }: ScmWorld, pr: PRInfo): Calls {
  const input = { title: "Two", body: "", branch: "feat/2", baseBranch: "main" };
  const check = { name: "test", status: "failed" } as const;
  const review = { state: "changes_requested", body: "please" } as const;
  return {
    detectPR: (options) => scm.detectPR(pluginSession({ branch: pr.branch }), project, options),
    getPRState: (options) => scm.getPRState(pr, options),
    getPRSummary: scm.getPRSummary && (async (options) => scm.getPRSummary?.(pr, options)),
    getCIChecks: (options) => scm.getCIChecks(pr, options),
    getCISummary: (options) => scm.getCISummary(pr, options),
    getReviews: (options) => scm.getReviews(pr, options),
    getReviewDecision: (options) => scm.getReviewDecision(pr, options),
    getPendingComments: (options) => scm.getPendingComments(pr, options),
    getAutomatedComments: (options) => scm.getAutomatedComments(pr, options),
    getMergeability: (options) => scm.getMergeability(pr, options),
    getSnapshots: scm.getSnapshots && (async (options) => scm.getSnapshots?.([pr], options)),
    getDiff: scm.getDiff && (async (options) => scm.getDiff?.(pr, options)),
    getCheckLog: scm.getCheckLog && (async (options) => scm.getCheckLog?.(pr, check, options)),
    getConflicts: scm.getConflicts && (async (options) => scm.getConflicts?.(pr, { ...NOWHERE, ...options })),
    rerunChecks: scm.rerunChecks && (async (options) => scm.rerunChecks?.(pr, [check], options)),
    watch: scm.watch && (async (options) => (await scm.watch?.(() => undefined, options))?.stop()),
    createPR: scm.createPR && (async (options) => scm.createPR?.(input, options)),
    submitReview: scm.submitReview && (async (options) => scm.submitReview?.(pr, review, options)),
    replyTo: scm.replyTo && (async (options) => scm.replyTo?.(pr, "no-such-comment", "hm", options)),
    resolve: scm.resolve && (async (options) => scm.resolve?.(pr, "no-such-comment", options)),
    mergePR: (options) => scm.mergePR(pr, "merge", options),
    moveBranch: scm.moveBranch && (async (options) => scm.moveBranch?.(pr.branch, "feat/3", options)),
    closePR: (options) => scm.closePR(pr, options),
  };
}

/** The methods for which any scm has to look at something that may not answer. */
const ALWAYS_ASKS = ["getPRState", "getMergeability", "mergePR"];
/** These may find out at once that there is nothing to do. */
const MAY_FAIL = ["getCheckLog", "getConflicts", "rerunChecks", "resolve", "replyTo"];

export function abortedScmContract(setUp: () => Promise<ScmWorld>): void {
  it("asks and changes nothing for a caller that gave up before", async () => {
    const world = await setUp();
    for (const branch of ["feat/1", "feat/2"]) await world.commit(branch, { [`${branch.slice(-1)}.txt`]: "1" });
    const pr = await world.open("feat/1", "One");
    await expectRefusal(callsOf(world, pr));
    expect(await world.scm.getPRState(pr)).toBe("open");
    expect(await world.scm.getReviews(pr)).toEqual([]);
    const detect = (branch: string) => world.scm.detectPR(pluginSession({ branch }), world.project);
    expect(await Promise.all(["feat/1", "feat/2", "feat/3"].map(detect))).toEqual([pr, null, null]);
  });

  it("leaves a far side that does not answer as soon as the caller gives up, without an answer", async (test) => {
    const world = await setUp();
    await world.commit("feat/2", { "y.txt": "1" });
    await world.commit("feat/1", { "x.txt": "1" });
    const pr = await world.open("feat/1", "One");
    await world.commit("feat/1", { "x.txt": "2" });
    test.skip(world.stall === undefined, "nothing can stall this scm");
    world.stall?.();
    const { watch: _, ...calls } = callsOf(world, pr);
    const asked = Object.fromEntries(Object.entries(calls).filter(([name]) => !MAY_FAIL.includes(name)));
    expect(await interrupted(asked)).toEqual(expect.arrayContaining(ALWAYS_ASKS));
  });
}
