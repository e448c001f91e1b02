import type { PRInfo, PRSnapshot } from "../model/pull-request.ts";
import type { CallOptions } from "../slots/common.ts";
import type { SCM } from "../slots/scm.ts";

/** Reads one pull request piece by piece, for an scm that cannot do so in one call. */
export async function snapshotOf(scm: SCM, info: PRInfo, options: CallOptions): Promise<PRSnapshot> {
  const [state, ci, checks, review, reviews, comments, botComments, readiness] = await Promise.all([
    scm.getPRState(info, options),
    scm.getCISummary(info, options),
    scm.getCIChecks(info, options),
    scm.getReviewDecision(info, options),
    scm.getReviews(info, options),
    scm.getPendingComments(info, options),
    scm.getAutomatedComments(info, options),
    scm.getMergeability(info, options),
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
