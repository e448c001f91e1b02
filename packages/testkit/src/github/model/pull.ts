import type { Account } from "./accounts.ts";
import type { PullRequest } from "./issue.ts";
import type { Repo } from "./repo.ts";

export type MergeMethod = "merge" | "squash" | "rebase";
export type Mergeable = "MERGEABLE" | "CONFLICTING" | "UNKNOWN";
export type ReviewState = "PENDING" | "COMMENTED" | "APPROVED" | "CHANGES_REQUESTED" | "DISMISSED";

export interface Review {
  id: number;
  nodeId: string;
  author: Account;
  body: string;
  state: ReviewState;
  commitSha: string;
  createdAt: string;
  submittedAt: string | null;
  updatedAt: string;
}

export interface ReviewComment {
  id: number;
  nodeId: string;
  thread: ReviewThread;
  review: Review;
  author: Account;
  body: string;
  createdAt: string;
  updatedAt: string;
  inReplyTo: ReviewComment | null;
  commitSha: string;
}

export interface ReviewThread {
  id: number;
  nodeId: string;
  path: string;
  /** `null` for a comment on the file as a whole. */
  line: number | null;
  startLine: number | null;
  side: "LEFT" | "RIGHT";
  diffHunk: string;
  resolvedBy: Account | null;
  isOutdated: boolean;
  comments: ReviewComment[];
}

export interface AutoMerge {
  enabledBy: Account;
  method: MergeMethod;
  title: string | null;
  message: string | null;
  enabledAt: string;
}

export interface QueueEntry {
  id: number;
  nodeId: string;
  pr: PullRequest;
  base: string;
  enqueuer: Account;
  enqueuedAt: string;
  state: "QUEUED" | "AWAITING_CHECKS" | "MERGEABLE" | "UNMERGEABLE" | "LOCKED";
  /** The head of the group that the queue tests, once it has been built. */
  headSha: string | null;
  headRef: string | null;
}

/** What a pull request has beyond an issue. */
export interface Pull {
  id: number;
  nodeId: string;
  baseRef: string;
  baseSha: string;
  /** `null` when the fork was deleted. */
  headRepo: Repo | null;
  headRef: string;
  headSha: string;
  isDraft: boolean;
  /** UNKNOWN until GitHub has computed it in the background, which a question starts. */
  mergeable: Mergeable;
  computing: Promise<void> | null;
  /** Keeps `mergeable` UNKNOWN for as long as it is set. */
  isHeldUnknown: boolean;
  testMergeSha: string | null;
  /** The base has commits that the head lacks. Known when `mergeable` is. */
  isBehind: boolean;
  mergedAt: string | null;
  mergedBy: Account | null;
  mergeSha: string | null;
  requestedReviewers: Account[];
  reviews: Review[];
  threads: ReviewThread[];
  autoMerge: AutoMerge | null;
  maintainerCanModify: boolean;
}
