import { z } from "zod";
import { Iso } from "./time.ts";

export const PRState = z.enum(["open", "draft", "merged", "closed"]);
export type PRState = z.infer<typeof PRState>;
export const CIStatus = z.enum(["pending", "passing", "failing", "none"]);
export type CIStatus = z.infer<typeof CIStatus>;
export const ReviewDecision = z.enum(["approved", "changes_requested", "pending", "none"]);
export type ReviewDecision = z.infer<typeof ReviewDecision>;
export const MergeMethod = z.enum(["merge", "squash", "rebase"]);
export type MergeMethod = z.infer<typeof MergeMethod>;
/** Whether pull requests begin as drafts. `until-green`: until their checks pass. */
export const DraftMode = z.union([z.boolean(), z.literal("until-green")]);
export type DraftMode = z.infer<typeof DraftMode>;

export const PRInfo = z.looseObject({
  number: z.number().int(),
  url: z.string(),
  title: z.string(),
  owner: z.string(),
  repo: z.string(),
  branch: z.string(),
  baseBranch: z.string(),
  isDraft: z.boolean(),
  /** The repository of its branch, if that is another one. Nothing can be pushed there from here. */
  fork: z.string().optional(),
});
export type PRInfo = z.infer<typeof PRInfo>;

export const CICheck = z.looseObject({
  name: z.string(),
  status: z.enum(["pending", "running", "passed", "failed", "skipped"]),
  url: z.string().optional(),
  conclusion: z.string().optional(),
  startedAt: Iso.optional(),
  completedAt: Iso.optional(),
  /** Increases with each run of this check on this head. Part of a failure's fingerprint. */
  attempt: z.number().int().optional(),
  /** False if its failure does not block a merge. Absent means required. */
  isRequired: z.boolean().optional(),
  /** Why there is no result, with the status `pending`: something on the machine that runs it is missing or full. */
  problem: z.string().optional(),
  /** Of a failed one: the scm can run it again on this head, now or once what runs beside it has ended. Absent: it can't. */
  rerun: z.enum(["possible", "later"]).optional(),
  /** True if the same check also fails on the base's head, so the branch did not cause it. */
  failsOnBase: z.boolean().optional(),
});
export type CICheck = z.infer<typeof CICheck>;

export const Review = z.looseObject({
  id: z.string(),
  author: z.string(),
  state: z.enum(["approved", "changes_requested", "commented", "dismissed"]),
  body: z.string(),
  submittedAt: Iso,
  /** The head that was reviewed, if the scm knows it. */
  headSha: z.string().optional(),
  /** Whether this author may cause a send (someone with write access, or this user on the local scm). */
  isTrusted: z.boolean().optional(),
  /** Nothing is left to do about its body. */
  isResolved: z.boolean().optional(),
});
export type Review = z.infer<typeof Review>;

export const ReviewComment = z.looseObject({
  id: z.string(),
  author: z.string(),
  body: z.string(),
  path: z.string().optional(),
  line: z.number().int().optional(),
  isResolved: z.boolean(),
  createdAt: Iso,
  url: z.string(),
  /** The lines it is about, if known. */
  code: z.string().optional(),
  isTrusted: z.boolean().optional(),
  isBot: z.boolean().optional(),
  /** The review it was submitted with, if any. */
  reviewId: z.string().optional(),
});
export type ReviewComment = z.infer<typeof ReviewComment>;

export const MergeReadiness = z.looseObject({
  mergeable: z.boolean(),
  ciPassing: z.boolean(),
  approved: z.boolean(),
  noConflicts: z.boolean(),
  blockers: z.array(z.string()),
});
export type MergeReadiness = z.infer<typeof MergeReadiness>;

/** What a pull request conflicts in with its base. Names and subjects are strangers' words. */
export const Conflicts = z.looseObject({
  /** Some of the files, and how many there are. */
  files: z.array(z.string()),
  fileCount: z.number().int(),
  /** The base's newest commits to these files since the two parted (`1a2b3c4 Subject`), and how many it has in all. */
  commits: z.array(z.string()),
  commitCount: z.number().int(),
});
export type Conflicts = z.infer<typeof Conflicts>;

/** Everything that decisions need about one pull request, read at the same moment. */
export const PRSnapshot = z.looseObject({
  info: PRInfo,
  state: PRState,
  headSha: z.string(),
  baseSha: z.string().nullable(),
  ci: CIStatus,
  checks: z.array(CICheck),
  /** `changes_requested` while any request for changes is in force, even if no review is required. */
  review: ReviewDecision,
  reviews: z.array(Review),
  /** Unresolved comments of people. */
  comments: z.array(ReviewComment),
  /** Unresolved comments of bots. */
  botComments: z.array(ReviewComment),
  /** Null if not known yet. */
  hasConflicts: z.boolean().nullable(),
  readiness: MergeReadiness,
  /** Its base has commits that must be merged into it first, by the base's rules. Absent means no. */
  isBehind: z.boolean().optional(),
  /** True if the scm is sure that no check will come (nothing is there that could bring one, and none has ever come). */
  isCiAbsent: z.boolean().optional(),
  /** Only where its base is merged into through a queue. */
  mergeQueue: z
    .looseObject({
      /** From 1. Null if it is not in the queue. */
      position: z.number().int().nullable(),
      /** The last time that it left the queue without being merged: why, in the scm's words, and which checks failed there. */
      left: z.looseObject({ id: z.string(), reason: z.string(), checks: z.array(z.string()) }).nullable(),
    })
    .optional(),
  /** When the head appeared, if known. */
  headAt: Iso.optional(),
  mergedAt: Iso.optional(),
  /** Files in the diff that belong to CI or the `ao` config. Never merged without the user. */
  touchesGuardedFiles: z.boolean().optional(),
  /** Why its base has changed since it was opened. */
  baseNote: z.string().optional(),
});
export type PRSnapshot = z.infer<typeof PRSnapshot>;

/** An existing pull request that a session takes over. */
export const TakenPr = z.looseObject({
  info: PRInfo,
  /** When its state was read that the agent was told of. Null until then. */
  at: Iso.nullable(),
});
export type TakenPr = z.infer<typeof TakenPr>;

/** A pull request that this session had before the present one. */
export const FormerPr = z.looseObject({
  number: z.number().int(),
  url: z.string(),
  state: PRState,
  headSha: z.string(),
  baseBranch: z.string(),
});
export type FormerPr = z.infer<typeof FormerPr>;

/** How current what is known of a pull request is. */
export interface LastLook {
  /** When the forge last answered for it. */
  at: Iso;
  /** When it is asked again, if nothing happens before. */
  nextAt: Iso;
  /** Why then, as a clause: `checks run`. */
  because: string;
}

/** What the scm could not do with a commit. */
export const ScmFailure = z.looseObject({
  headSha: z.string(),
  reason: z.string(),
  at: Iso,
  attempts: z.number().int().optional(),
  /** When it is tried again. Null or absent: it is not, or it is being tried right now. */
  retryAt: Iso.nullable().optional(),
  isTriedAgain: z.boolean().optional(),
});
export type ScmFailure = z.infer<typeof ScmFailure>;

/** The base was the branch of a session that was merged: what the session is based on instead. */
export const BaseMove = z.looseObject({
  from: z.string(),
  to: z.string(),
  /** The merged pull request. */
  pr: z.number().int(),
  /** The pull request that is to follow, with its new base. Null if there was none yet. */
  asked: z.string().nullable(),
  failure: ScmFailure.nullable(),
});
export type BaseMove = z.infer<typeof BaseMove>;

/** A merge that is under way. */
export const Merging = z.looseObject({
  headSha: z.string(),
  isAuto: z.boolean(),
  at: Iso,
  /** Those before this one that failed. */
  attempts: z.number().int().optional(),
});
