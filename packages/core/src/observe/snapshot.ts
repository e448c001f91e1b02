import type { PRInfo, PRSnapshot } from "../model/pull-request.ts";
import type { SCM } from "../slots/scm.ts";

/** Reads one pull request piece by piece, for an scm that cannot do so in one call. */
export async function snapshotOf(scm: SCM, info: PRInfo): Promise<PRSnapshot> {
  const [state, ci, checks, review, reviews, comments, botComments, readiness] = await Promise.all([
    scm.getPRState(info),
    scm.getCISummary(info),
    scm.getCIChecks(info),
    scm.getReviewDecision(info),
    scm.getReviews(info),
    scm.getPendingComments(info),
    scm.getAutomatedComments(info),
    scm.getMergeability(info),
  ]);
  const headSha = typeof info.headSha === "string" ? info.headSha : "";
  return {
    info,
    state,
    headSha,
    baseSha: null,
    ci,
    checks,
    review,
    reviews,
    comments,
    botComments,
    hasConflicts: !readiness.noConflicts,
    readiness,
  };
}
