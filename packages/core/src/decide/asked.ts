import type { PRSnapshot, Review, ReviewComment } from "../model/pull-request.ts";
import { at } from "../model/time.ts";
import { standingRequests, strangersRequests, verdicts } from "./ci.ts";

export interface Asked {
  reviews: Review[];
  comments: ReviewComment[];
}

/** What trusted people ask for on this pull request and is still open. */
export const askedByTrusted = (pr: PRSnapshot): Asked => askedBy(pr, ({ isTrusted }) => isTrusted === true);

/** What others ask for, released or not. */
export const askedByOthers = (pr: PRSnapshot): Asked => askedBy(pr, ({ isTrusted }) => isTrusted !== true);

function askedBy(pr: PRSnapshot, isTheirs: (each: Review | ReviewComment) => boolean): Asked {
  const comments = pr.comments.filter((comment) => !comment.isResolved);
  const reviews = [...standingRequests(pr), ...strangersRequests(pr), ...openRemarks(pr)];
  return { reviews: reviews.filter(isTheirs), comments: comments.filter(isTheirs) };
}

/** Some scms keep the body of a review as a comment too. */
export const repeats = (review: Review, comment: ReviewComment): boolean =>
  comment.path === undefined && comment.reviewId === review.id && comment.body === review.body;

/** The body of a review without a verdict counts as a comment, on the head it was made on, until its author says more. */
function openRemarks(pr: PRSnapshot): Review[] {
  const judged = verdicts(pr);
  return pr.reviews.filter((review) => {
    if (review.state !== "commented" || review.isResolved === true || review.body.trim() === "") return false;
    if (review.headSha !== pr.headSha || pr.comments.some((comment) => repeats(review, comment))) return false;
    return !judged.some((other) => other.author === review.author && at(other.submittedAt) >= at(review.submittedAt));
  });
}
