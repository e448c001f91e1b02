import type {
  CICheck,
  CIStatus,
  MergeReadiness,
  ReviewComment,
  ReviewDecision,
} from "@agent-orchestrator/core/model/pull-request";
import type { PullRequestNode } from "./responses.ts";

export interface Judged {
  node: PullRequestNode;
  ci: CIStatus;
  checks: readonly CICheck[];
  review: ReviewDecision;
  comments: readonly ReviewComment[];
  /** Who approved this head although they opened the pull request. Null: nobody. */
  ownApproval: string | null;
}

/** States in which GitHub's button would merge. `UNSTABLE`: a check that is not required fails. */
const MERGEABLE = new Set(["CLEAN", "HAS_HOOKS", "UNSTABLE"]);

/** A merge queue brings what it merges up to date by itself. */
export const isBehind = ({ state, isMergeQueueEnabled, mergeStateStatus }: PullRequestNode): boolean =>
  state === "OPEN" && !isMergeQueueEnabled && mergeStateStatus === "BEHIND";
/** GitHub may still have the answer of before and no state for it: then neither counts. */
export const isWorkedOut = ({ state, mergeable, mergeStateStatus }: PullRequestNode): boolean =>
  mergeable === "CONFLICTING" || (mergeable === "MERGEABLE" && (mergeStateStatus !== "UNKNOWN" || state !== "OPEN"));

/** Whether it can be merged by the rules of its base, and if not, every reason in words. */
export function judgeReadiness({ node, ci, checks, review, comments, ownApproval }: Judged): MergeReadiness {
  const isOpen = node.state === "OPEN";
  const hasOpenWords = review === "none" && comments.some(({ isTrusted }) => isTrusted === true);
  const reasons = [
    !isOpen && `it is ${node.state.toLowerCase()}`,
    isOpen && node.isDraft && "it is a draft",
    isOpen && node.mergeable === "CONFLICTING" && `it conflicts with ${node.baseRefName}`,
    isOpen && !isWorkedOut(node) && "GitHub is still working out whether it conflicts",
    isOpen && (ci === "failing" || ci === "pending") && describeChecks(checks),
    review === "changes_requested" && "changes were requested",
    review === "pending" &&
      (ownApproval === null
        ? "it needs an approval"
        : `it needs an approval by somebody else than ${ownApproval}, who opened it: GitHub requires it`),
    hasOpenWords && "it has open comments",
    isBehind(node) && `it must be brought up to date with ${node.baseRefName}`,
  ].filter((reason) => typeof reason === "string");
  // A merge queue is a rule against merging by hand, and brings what it merges up to date. What else there is GitHub says when it is asked.
  const isBlocked =
    isOpen && !node.isMergeQueueEnabled && reasons.length === 0 && !MERGEABLE.has(node.mergeStateStatus);
  const blockers = isBlocked ? [`the rules of ${node.baseRefName} on GitHub are not met yet`] : reasons;
  return {
    mergeable: blockers.length === 0,
    ciPassing: ci === "passing" || ci === "none",
    approved: review === "approved" || review === "none",
    noConflicts: node.mergeable === "MERGEABLE",
    blockers,
  };
}

const SHOWN = 5;

function describeChecks(checks: readonly CICheck[]): string {
  const failed = checks.filter(({ status, isRequired }) => status === "failed" && isRequired !== false);
  if (failed.length === 0) return "checks have not finished";
  const names = failed.slice(0, SHOWN).map(({ name }) => name);
  const more = failed.length > SHOWN ? ` and ${failed.length - SHOWN} more` : "";
  return `checks fail: ${names.join(", ")}${more}`;
}
