import { MergeMethod } from "@agent-orchestrator/core/model/pull-request";
import { Iso } from "@agent-orchestrator/core/model/time";
import { z } from "zod";

/** What stands in `prs/{n}.json`. Unknown fields are kept: a newer version may have written them. */
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
  replies: z.array(z.looseObject({ author: z.string(), body: z.string(), createdAt: Iso })).default([]),
});
export type CommentRecord = z.infer<typeof CommentRecord>;

export const ReviewRecord = z.looseObject({
  id: z.string(),
  author: z.string(),
  state: z.enum(["approved", "changes_requested", "commented", "dismissed"]),
  body: z.string(),
  submittedAt: Iso,
  headSha: z.string(),
});
export type ReviewRecord = z.infer<typeof ReviewRecord>;

/** Written before a base is moved, so that a merge that was interrupted is recognised and finished. */
export const MergeIntent = z.looseObject({
  method: MergeMethod,
  headSha: z.string(),
  baseSha: z.string(),
  resultSha: z.string(),
  at: Iso,
});
export type MergeIntent = z.infer<typeof MergeIntent>;

/** Its base was merged, closed or deleted: then it goes over to the next one. */
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
  /** The last tip of the branch that was seen with commits of its own. */
  headSha: z.string(),
  headAt: Iso,
  reviews: z.array(ReviewRecord).default([]),
  comments: z.array(CommentRecord).default([]),
  merging: MergeIntent.nullable().default(null),
  closedAt: Iso.nullable().default(null),
  mergedAt: Iso.nullable().default(null),
  mergeSha: z.string().nullable().default(null),
  mergeMethod: MergeMethod.nullable().default(null),
  /** The branch was made for this pull request's session, and ends with it. */
  isOwnBranch: z.boolean().default(true),
  /** Earlier bases, oldest first. */
  moves: z.array(BaseMove).default([]),
  /** Heads of merged pull requests that it builds on: their changes are in the base, perhaps as other commits. */
  landed: z.array(z.string()).default([]),
});
export type PRRecord = z.infer<typeof PRRecord>;

export const CheckResult = z.looseObject({
  /** SHA-256 of the command line and its limits: another definition is another check. */
  definition: z.string(),
  attempt: z.number().int(),
  status: z.enum(["passed", "failed"]),
  conclusion: z.string(),
  startedAt: Iso,
  completedAt: Iso,
  exitCode: z.number().int().nullable(),
  /** What on this machine kept it from telling anything of the commit; `status` says nothing then. */
  problem: z.string().optional(),
  /** The problem is a program, or a part of the checkout, that is missing: the branch's doing where the base passes. */
  isProgramMissing: z.boolean().optional(),
  /** Below the state folder. */
  log: z.string(),
  /** Whether it fails on the base too, and on which commit of the base that was seen. null: it could not be told. */
  base: z.looseObject({ sha: z.string(), isFailing: z.boolean().nullable() }).optional(),
  /** The pull request has another base since: it does not count any more. */
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

/** What stands in `checks/{sha}.json`: finished runs only. */
export const CommitChecks = z.looseObject({
  sha: z.string(),
  /** The last failure to make a checkout of this commit ready; gone once it worked. */
  setupFailure: SetupResult.nullable().default(null),
  results: z.record(z.string(), CheckResult).default({}),
});
export type CommitChecks = z.infer<typeof CommitChecks>;

/** `ci/running.json`: the process group that runs now, and how to recognise it after a crash. */
export const RunningCommand = z.looseObject({
  runId: z.string(),
  pid: z.number().int(),
  startId: z.string(),
  sha: z.string(),
  check: z.string(),
});
export type RunningCommand = z.infer<typeof RunningCommand>;
