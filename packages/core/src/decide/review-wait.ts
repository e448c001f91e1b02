import type { DecideContext } from "../model/policy.ts";
import type { PRSnapshot, Review } from "../model/pull-request.ts";
import type { SessionRecord } from "../model/session.ts";
import { at } from "../model/time.ts";
import { ciOf } from "./ci.ts";
import { prName } from "./facts-of.ts";

export interface ReviewWait {
  /** One wait is one cause: it ends with the next review, or with new commits after a review. */
  cause: string;
  reason: string;
  /** On a forge somebody else may be the one to review. */
  isForUser: boolean;
  /** Nothing has changed since the last review. */
  isReviewed: boolean;
}

/** Nobody else can review what is on no forge. */
const isLocal = ({ info }: PRSnapshot): boolean => !/^https?:/.test(info.url);

/** The pull request is ready to be reviewed: its checks are through, and nobody is working on it. Null: it is not. */
export function reviewWait(record: SessionRecord, ctx: DecideContext): ReviewWait | null {
  const { status } = record;
  const { snapshot: pr } = record.pr;
  if (pr === null || record.turnStartedAt !== null || ciOf(record, ctx).ci === "pending") return null;
  const isAnswer = status === "changes_requested" && hasAnswered(record);
  if (!isAnswer && (status !== "review_pending" || pr.hasConflicts === true)) return null;
  const last = lastReview(pr);
  const isReviewed = last !== null && (last.headSha ?? pr.headSha) === pr.headSha;
  const cause = `review:${pr.info.number}:${last?.id ?? ""}${last === null || isReviewed ? "" : ":new"}`;
  const whose = isLocal(pr) ? "your" : "a";
  const reason = isAnswer ? "new commits answer the review" : `${prName(pr.info)} is waiting for ${whose} review`;
  return { cause, reason, isForUser: isAnswer || isLocal(pr), isReviewed };
}

const lastReview = ({ reviews }: PRSnapshot): Review | null =>
  reviews.reduce<Review | null>(
    (last, each) => (last === null || at(each.submittedAt) >= at(last.submittedAt) ? each : last),
    null,
  );

/** The agent took the review, its turn is over, and the head is another one. */
function hasAnswered(record: SessionRecord): boolean {
  const episode = record.episodes["changes-requested"];
  if (episode?.lastSendTurn == null) return false;
  return record.turns > episode.lastSendTurn && episode.sentHead !== record.pr.snapshot?.headSha;
}
