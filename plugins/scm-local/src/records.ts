import { MergeMethod } from "@agent-orchestrator/core/model/pull-request";
import { Iso } from "@agent-orchestrator/core/model/time";
import { z } from "zod";

/** The contents of `prs/{n}.json`. Unknown fields are kept, as a newer version may have written them. */
export const CommentRecord = z.looseObject({
  id: z.string(),
  author: z.string(),
  body: z.string(),
  path: z.string().optional(),
  line: z.number().int().optional(),
  code: z.string().optional(),
  isResolved: z.boolean(),
  createdAt: Iso,
  reviewId: z.string(),
  replies: z
    .array(z.looseObject({ id: z.string().optional(), author: z.string(), body: z.string(), createdAt: Iso }))
    .default([]),
});
export type CommentRecord = z.infer<typeof CommentRecord>;

export const ReviewRecord = z.looseObject({
  id: z.string(),
  author: z.string(),
  /** Of the request that wrote it. */
  wishId: z.string().optional(),
  state: z.enum(["approved", "changes_requested", "commented", "dismissed"]),
  body: z.string(),
  submittedAt: Iso,
  headSha: z.string(),
});
export type ReviewRecord = z.infer<typeof ReviewRecord>;

/** Written before a base advances, so that an interrupted merge is recognised and finished. */
export const MergeIntent = z.looseObject({
  method: MergeMethod,
  headSha: z.string(),
  baseSha: z.string(),
  resultSha: z.string(),
  at: Iso,
});
export type MergeIntent = z.infer<typeof MergeIntent>;

/** A move to the next base, after its base was merged, closed or deleted. */
export const BaseMove = z.looseObject({
  from: z.string(),
  to: z.string(),
  /** The pull request that was merged or closed. */
  number: z.number().int().nullable(),
  because: z.enum(["merged", "closed", "gone"]),
  at: Iso,
});
export type BaseMove = z.infer<typeof BaseMove>;

export const PRRecord = z.looseObject({
  number: z.number().int().min(1),
  title: z.string(),
  body: z.string(),
  branch: z.string(),
  baseBranch: z.string(),
  isDraft: z.boolean(),
  state: z.enum(["open", "merged", "closed"]),
  sessionId: z.string().nullable(),
  author: z.string(),
  createdAt: Iso,
  /** The last tip of the branch that had its own commits. */
  headSha: z.string(),
  headAt: Iso,
  reviews: z.array(ReviewRecord).default([]),
  comments: z.array(CommentRecord).default([]),
  merging: MergeIntent.nullable().default(null),
  closedAt: Iso.nullable().default(null),
  mergedAt: Iso.nullable().default(null),
  mergeSha: z.string().nullable().default(null),
  mergeMethod: MergeMethod.nullable().default(null),
  /** The branch was created for this pull request's session, and ends with it. */
  isOwnBranch: z.boolean().default(true),
  /** Earlier bases, oldest first. */
  moves: z.array(BaseMove).default([]),
  /** Heads of merged pull requests that it builds on. Their changes are in the base, perhaps as different commits. */
  landed: z.array(z.string()).default([]),
});
export type PRRecord = z.infer<typeof PRRecord>;

export const CheckResult = z.looseObject({
  /** SHA-256 of the command line and its limits. A changed definition counts as a different check. */
  definition: z.string(),
  attempt: z.number().int(),
  status: z.enum(["passed", "failed"]),
  conclusion: z.string(),
  startedAt: Iso,
  completedAt: Iso,
  exitCode: z.number().int().nullable(),
  /** What on this machine prevented a verdict on the commit. `status` means nothing then. */
  problem: z.string().optional(),
  /** The problem is a missing program, or a missing part of the checkout. It is the branch's fault if the base passes. */
  isProgramMissing: z.boolean().optional(),
  /** Relative to the state folder. */
  log: z.string(),
  /** Whether it also fails on the base, and on which commit of the base. Null if that is not known. */
  base: z.looseObject({ sha: z.string(), isFailing: z.boolean().nullable() }).optional(),
  /** The pull request has had another base since, so this no longer counts. */
  isStale: z.boolean().optional(),
});
export type CheckResult = z.infer<typeof CheckResult>;

export const SetupResult = z.looseObject({
  definition: z.string(),
  attempts: z.number().int(),
  at: Iso,
  message: z.string(),
  log: z.string(),
});
export type SetupResult = z.infer<typeof SetupResult>;

/** The contents of `checks/{sha}.json`. Only finished runs. */
export const CommitChecks = z.looseObject({
  sha: z.string(),
  /** The last failure to prepare a checkout of this commit. Removed once it works. */
  setupFailure: SetupResult.nullable().default(null),
  results: z.record(z.string(), CheckResult).default({}),
});
export type CommitChecks = z.infer<typeof CommitChecks>;

/** `ci/running.json`: the current process group, and how to recognise it after a crash. */
export const RunningCommand = z.looseObject({
  runId: z.string(),
  pid: z.number().int(),
  startId: z.string(),
  sha: z.string(),
  check: z.string(),
});
export type RunningCommand = z.infer<typeof RunningCommand>;
