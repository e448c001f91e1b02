import type { CICheck, CIStatus, MergeReadiness, ReviewDecision } from "@agent-orchestrator/core/model/pull-request";
import type { PRRecord } from "./records.ts";

export interface ReadinessInput {
  record: PRRecord;
  hasBranch: boolean;
  hasBase: boolean;
  commitsAhead: number;
  conflicts: readonly string[];
  ci: CIStatus;
  checks: readonly CICheck[];
  review: ReviewDecision;
}

export function ciStatusOf(checks: readonly CICheck[]): CIStatus {
  if (checks.length === 0) return "none";
  if (checks.some((check) => check.status === "failed")) return "failing";
  return checks.every((check) => check.status === "passed") ? "passing" : "pending";
}

/** Returns whether it can be merged, and if not, every reason in words. */
export function judgeReadiness(input: ReadinessInput): MergeReadiness {
  const { record, ci, review, conflicts } = input;
  const ciPassing = ci === "passing" || ci === "none";
  const approved = review === "approved" || review === "none";
  const noConflicts = input.hasBase && conflicts.length === 0;
  const blockers = [
    record.state !== "open" && `it is ${record.state}`,
    record.state === "open" && record.isDraft && "it is a draft",
    !input.hasBranch && `its branch ${record.branch} is gone`,
    !input.hasBase && `its base ${record.baseBranch} is gone`,
    input.hasBranch && input.hasBase && input.commitsAhead === 0 && "it has no commits ahead of its base",
    conflicts.length > 0 && `it conflicts with ${record.baseBranch}: ${someOf(conflicts)}`,
    !ciPassing && describeChecks(input.checks),
    review === "changes_requested" && "changes were requested",
    review === "none" && record.comments.some((comment) => !comment.isResolved) && "it has open comments",
    review === "pending" && "its current head needs an approval",
  ].filter((blocker) => typeof blocker === "string");
  return { mergeable: blockers.length === 0, ciPassing, approved, noConflicts, blockers };
}

function describeChecks(checks: readonly CICheck[]): string {
  const failed = checks.filter((check) => check.status === "failed").map((check) => check.name);
  if (failed.length > 0) return `checks fail: ${someOf(failed)}`;
  const problem = checks.find((check) => check.problem !== undefined)?.problem;
  if (problem !== undefined) return `CI cannot run here: ${problem}`;
  return "checks have not finished";
}

export function someOf(names: readonly string[], max = 5): string {
  const shown = names.slice(0, max).join(", ");
  return names.length > max ? `${shown} and ${names.length - max} more` : shown;
}
