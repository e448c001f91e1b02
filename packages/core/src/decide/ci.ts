import type { DecideContext } from "../model/policy.ts";
import type { CICheck, CIStatus, PRSnapshot, Review, ReviewComment } from "../model/pull-request.ts";
import type { SessionRecord } from "../model/session.ts";
import { at } from "../model/time.ts";
import { latest } from "./facts-of.ts";

/** What a pull request's checks and reviews come to. */

/**
 * `none` only where no check will come: the scm is sure of it, or none appeared within `ci.noneAfter` of the push, in
 * time in which the source answered. Until then `pending`. The second member says when `pending` becomes `none`.
 */
export function ciOf(record: SessionRecord, ctx: DecideContext): { ci: CIStatus; settlesAt: number | null } {
  const pr = record.pr.snapshot;
  if (pr === null) return { ci: "none", settlesAt: null };
  if (pr.ci !== "none" || pr.isCiAbsent === true) return { ci: pr.ci, settlesAt: null };
  if (record.pr.unansweredSince !== null) return { ci: "pending", settlesAt: null };
  const since = latest(record.pr.headSince, pr.headAt, record.pr.gapEndedAt, ctx.watchedSinceMs);
  const settlesAt = since + ctx.policy.ciNoneAfterMs;
  return ctx.nowMs >= settlesAt ? { ci: "none", settlesAt: null } : { ci: "pending", settlesAt };
}

/** Failing checks that block a merge. */
export const failingChecks = (pr: PRSnapshot): CICheck[] =>
  pr.checks.filter((check) => check.status === "failed" && check.isRequired !== false);

/** Failing on this branch and not on its base. */
export const ownFailures = (pr: PRSnapshot): CICheck[] =>
  failingChecks(pr).filter((check) => check.failsOnBase !== true);

/** Required checks that something on the machine keeps from telling anything. */
export const preventedChecks = (pr: PRSnapshot): CICheck[] =>
  pr.checks.filter((check) => check.problem !== undefined && check.isRequired !== false);

/** One reason for each way in which CI cannot run, with the checks that it concerns: `test, lint: npm: not found`. */
export function describePrevented(checks: readonly CICheck[]): string {
  const reasons = new Map<string, string[]>();
  for (const { name, problem = "" } of checks) reasons.set(problem, [...(reasons.get(problem) ?? []), name]);
  return [...reasons].map(([problem, names]) => `${names.join(", ")}: ${problem}`).join("; ");
}

export const attemptOf = (check: CICheck): number => check.attempt ?? 1;
/** The name of a check's log in `checkLogs`. */
export const logKey = (check: CICheck): string => `${check.name}#${attemptOf(check)}`;

/** The last word of each reviewer; a comment does not take back a verdict. */
export function verdicts(pr: PRSnapshot): Review[] {
  const byAuthor = new Map<string, Review>();
  const inOrder = [...pr.reviews].sort((a, b) => at(a.submittedAt) - at(b.submittedAt));
  for (const review of inOrder) if (review.state !== "commented") byAuthor.set(review.author, review);
  return [...byAuthor.values()];
}

/** Verdicts of those who have a say: of everybody whom the scm does not call untrusted. */
export const countedVerdicts = (pr: PRSnapshot): Review[] =>
  verdicts(pr).filter(({ isTrusted }) => isTrusted !== false);

const isRequest = ({ state }: Review): boolean => state === "changes_requested";

/** The requests for changes behind the scm's decision. Whether any stands is the scm's word, not ours. */
export const standingRequests = (pr: PRSnapshot): Review[] =>
  pr.review === "changes_requested" ? countedVerdicts(pr).filter(isRequest) : [];

/** The scm's decision leaves these out. They are words like a comment, and nothing without any. */
export const strangersRequests = (pr: PRSnapshot): Review[] =>
  verdicts(pr).filter((review) => isRequest(review) && review.isTrusted === false && review.body.trim() !== "");

/** Comments that are open and count: those of people nobody called untrusted, and of bots the user named. */
export function openComments(pr: PRSnapshot, ctx: DecideContext): ReviewComment[] {
  const people = pr.comments.filter((comment) => !comment.isResolved && comment.isTrusted !== false);
  return [...people, ...trustedBotComments(pr, ctx)];
}

export function trustedBotComments(pr: PRSnapshot, ctx: DecideContext): ReviewComment[] {
  const bots = new Set(ctx.policy.trustedBots);
  return pr.botComments.filter((comment) => !comment.isResolved && bots.has(comment.author));
}

/** Why this head may not be merged; nothing: it may. */
export function blockersOf(record: SessionRecord, ctx: DecideContext): string[] {
  const pr = record.pr.snapshot;
  if (pr === null) return ["there is no pull request"];
  if (pr.state !== "open") return [`the pull request is ${pr.state}`];
  const { ci } = ciOf(record, ctx);
  const blockers: string[] = [];
  const prevented = preventedChecks(pr);
  if (ci === "pending")
    blockers.push(prevented.length > 0 ? `CI cannot run (${describePrevented(prevented)})` : "checks are pending");
  if (ci === "failing") blockers.push("checks are failing");
  if (pr.review === "changes_requested") blockers.push("changes were requested");
  if (pr.review === "pending") blockers.push("a review is required");
  if (pr.review === "none" && openComments(pr, ctx).length > 0) blockers.push("it has open comments");
  if (pr.hasConflicts === true) blockers.push("it conflicts with its base");
  if (pr.hasConflicts === null) blockers.push("it is not known yet whether it conflicts");
  if (!pr.readiness.mergeable)
    blockers.push(...(pr.readiness.blockers.length > 0 ? pr.readiness.blockers : ["a hold"]));
  return [...new Set(blockers)];
}
