import { z } from "zod";
import { IssueStage } from "./issue.ts";
import { ownObject } from "./own-object.ts";
import { BaseMove, CICheck, Conflicts, FormerPr, Merging, PRSnapshot, ScmFailure, TakenPr } from "./pull-request.ts";
import { Iso } from "./time.ts";

/** A comment in a review thread that is, or was, in a message to the agent. */
export const Ask = z.looseObject({
  commentId: z.string(),
  messageId: z.string(),
  /** When the agent took the message, and which heads were there before. */
  taken: z.looseObject({ at: Iso, heads: z.array(z.string()) }).nullable(),
  /** The reply is under way. */
  isReplying: z.boolean().optional(),
  /** Replies that failed for the time being, and when it is tried again. */
  attempts: z.number().int().optional(),
  retryAt: Iso.optional(),
});
export type Ask = z.infer<typeof Ask>;

/** What was seen of a session's pull request, and what decisions about it remember for later ones. Absent means nothing yet. */
export const SessionPr = ownObject({
  snapshot: PRSnapshot.nullable(),
  seenAt: Iso.nullable(),
  /** Since when the scm has not responded. */
  unansweredSince: Iso.nullable(),
  /** Why not, in the scm's words. */
  unansweredWhy: z.string().nullable().optional(),
  /** When the scm responded again after a failure. */
  gapEndedAt: Iso.nullable().optional(),
  /** When the present head was first seen. Starts `ci.noneAfter`. */
  headSince: Iso.nullable(),
  /** End of the logs of failing checks on the present head: `${check}#${attempt}` → text, or null if it could not be read. */
  checkLogs: z.record(z.string(), z.string().nullable()),
  /** Checks that fail on the base too, on the same head. Reported once per repository. */
  baseFailures: z.array(CICheck),
  /** Who merged, if it was done through `ao`. */
  mergedBy: z.enum(["user", "ao"]).nullable().optional(),
  /** Why the last merge failed, and on which head. */
  mergeFailure: ScmFailure.nullable().optional(),
  /** Checks of the present head that were run again, the newest last. `attempt`: the one that failed. `failure`: why it came to nothing. */
  reruns: z
    .array(
      z.looseObject({
        headSha: z.string(),
        name: z.string(),
        attempt: z.number().int(),
        at: Iso,
        failure: z.string().nullable(),
      }),
    )
    .optional(),
  /** The merge under way. */
  merging: Merging.nullable().optional(),
  /** Its head is in the base's merge queue, put there by whom. `leftBefore`: the last time that it had left it by then. */
  queued: z
    .looseObject({
      headSha: z.string(),
      by: z.enum(["user", "ao", "world"]),
      at: Iso,
      leftBefore: z.string().nullable(),
    })
    .nullable()
    .optional(),
  /** It left the queue without being merged. */
  queueLeft: z
    .looseObject({ headSha: z.string(), id: z.string(), reason: z.string(), checks: z.array(z.string()) })
    .nullable()
    .optional(),
  /** The head and the base with which the present conflict began. */
  conflict: z.looseObject({ headSha: z.string(), baseSha: z.string().nullable(), at: Iso }).nullable().optional(),
  /** What it conflicts in on this head and base. Null if that could not be found out. */
  conflictDetails: z
    .looseObject({ headSha: z.string(), baseSha: z.string(), found: Conflicts.nullable() })
    .nullable()
    .optional(),
  /** The head of which the last `pr.updated` told. */
  toldHead: z.looseObject({ pr: z.number().int(), headSha: z.string(), at: Iso }).optional(),
  /** Its earlier pull requests, oldest first: merged or closed, and committed to since. */
  earlier: z.array(FormerPr).optional(),
  /** The existing pull request that it took over (`ao spawn --pr`, `ao claim`). */
  taken: TakenPr.nullable().optional(),
  baseMove: BaseMove.nullable().optional(),
  /** The head for which a pull request was last requested. */
  askedFor: z.string().nullable().optional(),
  /** Why that pull request could not be opened. */
  openFailure: ScmFailure.nullable().optional(),
  /** The pull request that is being marked as ready for review. */
  readying: z.number().int().nullable().optional(),
  /** Why that failed the last time. */
  readyFailure: ScmFailure.extend({ pr: z.number().int() }).nullable().optional(),
  /** The pull request that was ready for review. Whoever makes it a draft again has a reason. */
  wasReady: z.number().int().optional(),
  /** Comments in threads that were sent to the agent, while `replyOnFix` waits for its commits. */
  asks: z.array(Ask).optional(),
  /** Comments of others that the user let through to the agent, and with which message. */
  released: z.array(z.looseObject({ id: z.string(), messageId: z.string() })).optional(),
  /** Rounds of bot comments that were sent, per pull request. */
  botRounds: z.looseObject({ pr: z.number().int(), count: z.number().int() }).nullable().optional(),
});

/** What its tracker was told, and is to be told. Absent means nothing yet. */
export const SessionIssue = ownObject({
  /** Whether its issue is to be marked as the user's, how often that was asked for, and the failures since it last changed. */
  claim: z
    .looseObject({
      isWanted: z.boolean(),
      asked: z.number().int(),
      failures: z.number().int(),
      failedAt: Iso.nullable(),
    })
    .optional(),
  /** How far its tracker was told that the work on its issue is, with which pull request, how often, and the failures since. */
  stage: z
    .looseObject({
      stage: IssueStage,
      pr: z.string().nullable(),
      asked: z.number().int(),
      failures: z.number().int(),
      failedAt: Iso.nullable(),
    })
    .optional(),
  /** The merged pull request after which its issue could not be closed, and the failures since. */
  close: z.looseObject({ pr: z.number().int(), failures: z.number().int(), failedAt: Iso.nullable() }).optional(),
});
