import { z } from "zod";
import { BaseMove, Conflicts, FormerPr, Merging, ScmFailure, TakenPr } from "./pull-request.ts";
import { Iso } from "./time.ts";

/** What decisions about a session's issue and pull requests remember for later ones. Absent means nothing yet. */
export const ForgeMemory = {
  /** Who merged, if it was done through `ao`. */
  mergedBy: z.enum(["user", "ao"]).nullable().optional(),
  /** Why the last merge failed, and on which head. */
  mergeFailure: ScmFailure.nullable().optional(),
  /** Whether its issue is to be marked as the user's, how often that was asked for, and the failures since it last changed. */
  issueClaim: z
    .looseObject({
      isWanted: z.boolean(),
      asked: z.number().int(),
      failures: z.number().int(),
      failedAt: Iso.nullable(),
    })
    .optional(),
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
  /** Its earlier pull requests, oldest first: merged or closed, and committed to since. */
  formerPrs: z.array(FormerPr).optional(),
  /** The existing pull request that it took over (`ao spawn --pr`, `ao claim`). */
  takenPr: TakenPr.nullable().optional(),
  baseMove: BaseMove.nullable().optional(),
  /** The head for which a pull request was last requested. */
  prAskedFor: z.string().nullable().optional(),
  /** Why that pull request could not be opened. */
  prFailure: ScmFailure.nullable().optional(),
  /** When the scm responded again after a failure. */
  prGapEndedAt: Iso.nullable().optional(),
};
