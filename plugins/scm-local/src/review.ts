import type { Review, ReviewComment, ReviewDecision } from "@agent-orchestrator/core/model/pull-request";
import { doubtfulSince } from "./bases.ts";
import type { CommentRecord, PRRecord, ReviewRecord } from "./records.ts";

/**
 * For each author, their last review that is not a mere comment counts. A request for changes stays in force, whatever is
 * pushed, until its author approves (any head), dismisses it, or all its comments are resolved. An approval counts only
 * for the head that was reviewed. If the base was closed or deleted unmerged, its commits are now part of this pull
 * request, and an earlier approval did not cover them.
 */
export function decideReview(record: PRRecord, headSha: string, requiredReviews: number): ReviewDecision {
  const last = [...lastVerdicts(record.reviews).values()];
  if (last.some((review) => review.state === "changes_requested" && isStanding(review, record.comments))) {
    return "changes_requested";
  }
  const since = doubtfulSince(record);
  const approvals = last.filter(
    (review) =>
      review.state === "approved" && review.headSha === headSha && (since === null || review.submittedAt > since),
  ).length;
  if (approvals >= Math.max(1, requiredReviews)) return "approved";
  return requiredReviews === 0 && since === null ? "none" : "pending";
}

function lastVerdicts(reviews: readonly ReviewRecord[]): Map<string, ReviewRecord> {
  return new Map(
    reviews.filter((review) => review.state !== "commented").map((review) => [review.author, review] as const),
  );
}

function isStanding(review: ReviewRecord, comments: readonly CommentRecord[]): boolean {
  const own = comments.filter((comment) => comment.reviewId === review.id);
  return own.length === 0 || own.some((comment) => !comment.isResolved || wasResolvedByFix(comment));
}

/** `ao` replied there and resolved it when the agent had committed. Whether that is what was asked for is the reviewer's word. */
const wasResolvedByFix = ({ replies }: CommentRecord): boolean => replies.some(({ id }) => id !== undefined);

/**
 * Only this user can write here. A request whose comments are all resolved is reported as dismissed, and a remark whose
 * text was resolved says so.
 */
export function toReview(record: ReviewRecord, comments: readonly CommentRecord[]): Review {
  const isLifted = record.state === "changes_requested" && !isStanding(record, comments);
  const isText = ({ reviewId, path, isResolved }: CommentRecord) =>
    reviewId === record.id && path === undefined && isResolved;
  const isDone = record.state === "commented" && comments.some(isText);
  return {
    ...record,
    ...(isLifted ? { state: "dismissed" as const } : {}),
    ...(isDone ? { isResolved: true } : {}),
    isTrusted: true,
  };
}

export function toComment(comment: CommentRecord, prUrl: string): ReviewComment {
  const { replies: _, ...rest } = comment;
  return { ...rest, url: `${prUrl}#${comment.id}`, isTrusted: true, isBot: false };
}
