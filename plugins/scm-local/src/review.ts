import type { Review, ReviewComment, ReviewDecision } from "@agent-orchestrator/core/model/pull-request";
import { doubtfulSince } from "./bases.ts";
import type { CommentRecord, PRRecord, ReviewRecord } from "./records.ts";

/**
 * The rule, per author, over their last review that is not a mere comment:
 * a request for changes stands, whatever is pushed, until its author approves (any head), dismisses it, or all its
 * comments are resolved; an approval counts for the head it judged and for no other. Where the base was closed or deleted
 * unmerged, its commits are part of this pull request now: an approval from before did not judge them.
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
  return own.length === 0 || own.some((comment) => !comment.isResolved);
}

/** Everybody who can write here is this user. A request whose comments are all resolved is told as dismissed. */
export function toReview(record: ReviewRecord, comments: readonly CommentRecord[]): Review {
  const isLifted = record.state === "changes_requested" && !isStanding(record, comments);
  return { ...record, ...(isLifted ? { state: "dismissed" as const } : {}), isTrusted: true };
}

export function toComment(comment: CommentRecord, prUrl: string): ReviewComment {
  const { replies: _, ...rest } = comment;
  return { ...rest, url: `${prUrl}#${comment.id}`, isTrusted: true, isBot: false };
}
