import type { Actor, Association } from "@agent-orchestrator/plugin-kit/github/people";

/** Answers of GraphQL, as far as the queries in `queries.ts` ask for them. */
export interface PullRequestNode {
  id: string;
  number: number;
  url: string;
  title: string;
  state: "OPEN" | "CLOSED" | "MERGED";
  isDraft: boolean;
  mergedAt: string | null;
  updatedAt: string;
  headRefOid: string;
  headRefName: string;
  baseRefName: string;
  baseRef: { target: { oid: string } } | null;
  isCrossRepository: boolean;
  headRepositoryOwner: { login: string } | null;
  headRepository: { nameWithOwner: string } | null;
  mergeable: "MERGEABLE" | "CONFLICTING" | "UNKNOWN";
  mergeStateStatus: MergeState;
  reviewDecision: "APPROVED" | "CHANGES_REQUESTED" | "REVIEW_REQUIRED" | null;
  /** Whether its base has a merge queue. */
  isMergeQueueEnabled: boolean;
  mergeQueueEntry: { position: number } | null;
  /** The last time that it left the queue, also to be merged. */
  timelineItems: { nodes: RemovalNode[] };
  commits: { nodes: { commit: CommitNode }[] };
}

export interface RemovalNode {
  id: string;
  /** `failed_checks`, `merge_conflict`, `merged`, … */
  reason: string | null;
  /** The commit that the queue tested. */
  beforeCommit: { oid: string } | null;
}

export type MergeState = "BEHIND" | "BLOCKED" | "CLEAN" | "DIRTY" | "DRAFT" | "HAS_HOOKS" | "UNKNOWN" | "UNSTABLE";

export interface CommitNode {
  oid: string;
  committedDate: string;
  /** Of the first page of checks only. Null for a token that may not read them. */
  checkSuites?: { nodes: (SuiteNode | null)[] } | null;
  statusCheckRollup: { contexts: Page<ContextNode> } | null;
}

export interface SuiteNode {
  /** As of a check run. */
  status: string;
  conclusion: string | null;
  workflowRun: (WorkflowRun & { url: string }) | null;
}

interface WorkflowRun {
  databaseId: number;
  /** `push`, `pull_request` … */
  event: string;
  workflow: { name: string };
}

export interface Page<T> {
  nodes: T[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

export type ContextNode = CheckRunNode | StatusNode;

export interface CheckRunNode {
  __typename: "CheckRun";
  databaseId: number;
  name: string;
  /** `QUEUED IN_PROGRESS COMPLETED WAITING PENDING REQUESTED` */
  status: string;
  /** `SUCCESS FAILURE NEUTRAL CANCELLED SKIPPED TIMED_OUT ACTION_REQUIRED STALE STARTUP_FAILURE`, null until completed. */
  conclusion: string | null;
  detailsUrl: string | null;
  startedAt: string | null;
  completedAt: string | null;
  isRequired: boolean;
  checkSuite: {
    /** `COMPLETED` once all that belongs to the workflow run has ended. */
    status: string;
    app: { slug: string } | null;
    workflowRun: WorkflowRun | null;
  } | null;
}

export interface StatusNode {
  __typename: "StatusContext";
  context: string;
  /** `EXPECTED ERROR FAILURE PENDING SUCCESS` */
  state: string;
  targetUrl: string | null;
  description: string | null;
  createdAt: string;
  isRequired: boolean;
}

export interface ReviewNode {
  id: string;
  author: Actor | null;
  authorAssociation: Association;
  state: "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED" | "PENDING";
  body: string;
  submittedAt: string | null;
  commit: { oid: string } | null;
}

export interface CommentNode {
  id: string;
  author: Actor | null;
  authorAssociation: Association;
  body: string;
  createdAt: string;
  url: string;
  diffHunk?: string;
  pullRequestReview?: { id: string; state: string } | null;
}

export interface ThreadNode {
  id: string;
  isResolved: boolean;
  path: string;
  line: number | null;
  originalLine: number | null;
  comments: { nodes: CommentNode[] };
}

/** What people and bots wrote, and which files are touched. */
export interface DetailsNode {
  reviews: { nodes: ReviewNode[] };
  reviewThreads: Page<ThreadNode>;
  comments: { nodes: CommentNode[] };
  files: { totalCount: number; nodes: { path: string }[] } | null;
}
