import type { PRSnapshot, Review, ReviewComment } from "../model/pull-request.ts";
import { at } from "../model/time.ts";
import { standingRequests, verdicts } from "./ci.ts";

export interface Asked {
  reviews: Review[];
  comments: ReviewComment[];
}

/** What trusted people ask for on this pull request and is still open. */
export function askedByTrusted(pr: PRSnapshot): Asked {
  const comments = pr.comments.filter((comment) => !comment.isResolved && comment.isTrusted === true);
  const requests = standingRequests(pr).filter((review) => review.isTrusted === true);
  return { reviews: [...requests, ...openRemarks(pr)], comments };
}

/** A review with nothing but a body counts as a comment, on the head it was made on, until its author says more. */
function openRemarks(pr: PRSnapshot): Review[] {
  const said = new Set(pr.comments.map((comment) => comment.reviewId));
  const judged = verdicts(pr);
  return pr.reviews.filter((review) => {
    if (review.state !== "commented" || review.body.trim() === "" || review.isTrusted !== true) return false;
    if (review.headSha !== pr.headSha || said.has(review.id)) return false;
    return !judged.some((other) => other.author === review.author && at(other.submittedAt) >= at(review.submittedAt));
  });
}

/** What others ask for: it waits for the user, visibly. */
export function askedByOthers(pr: PRSnapshot): Asked {
  const comments = pr.comments.filter((comment) => !comment.isResolved && comment.isTrusted !== true);
  return { reviews: standingRequests(pr).filter((review) => review.isTrusted !== true), comments };
}
