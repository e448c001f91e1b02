import type { ProjectConfig } from "../model/project.ts";
import type {
  CICheck,
  CIStatus,
  MergeMethod,
  MergeReadiness,
  PRInfo,
  PRSnapshot,
  PRState,
  Review,
  ReviewComment,
  ReviewDecision,
} from "../model/pull-request.ts";
import type { CallOptions, Session } from "./common.ts";

export interface MergeOptions extends CallOptions {
  /** Merge only if this is still the head: anything newer was not judged. */
  expectedHeadSha?: string;
}

export interface CreatePRInput {
  title: string;
  body: string;
  branch: string;
  baseBranch: string;
  isDraft?: boolean;
  sessionId?: string;
}

export interface SubmitReviewInput {
  state: "approved" | "changes_requested" | "commented";
  body: string;
  /** Inline comments. */
  comments?: { path: string; line?: number; body: string }[];
  /** Judge exactly this head; refused (REFUSED) when the branch moved on. Default: the tip at this moment. */
  headSha?: string;
}

/** Pull requests, CI, reviews and merges. Cannot tell is thrown. */
export interface SCM {
  readonly name?: string;
  /** How often `getSnapshots` is worth asking; the daemon's own interval when absent. */
  readonly pollMs?: number;
  /** The pull request of this session's branch, newest first, or null. */
  detectPR(session: Session, project: ProjectConfig): Promise<PRInfo | null>;
  getPRState(pr: PRInfo): Promise<PRState>;
  getPRSummary?(pr: PRInfo): Promise<{ state: PRState; title: string; additions: number; deletions: number }>;
  /** Repeating it on a merged pull request is fine. Throws REFUSED (not mergeable, head moved, user's edits in the way). */
  mergePR(pr: PRInfo, method?: MergeMethod, options?: MergeOptions): Promise<void>;
  closePR(pr: PRInfo): Promise<void>;
  getCIChecks(pr: PRInfo): Promise<CICheck[]>;
  getCISummary(pr: PRInfo): Promise<CIStatus>;
  getReviews(pr: PRInfo): Promise<Review[]>;
  getReviewDecision(pr: PRInfo): Promise<ReviewDecision>;
  getPendingComments(pr: PRInfo): Promise<ReviewComment[]>;
  getAutomatedComments(pr: PRInfo): Promise<ReviewComment[]>;
  getMergeability(pr: PRInfo): Promise<MergeReadiness>;
  /** Everything of many pull requests in as few calls as possible; same order; null: could not tell for this one. */
  getSnapshots?(prs: PRInfo[], options?: CallOptions): Promise<(PRSnapshot | null)[]>;
  /** The existing pull request of this branch if there is one. Throws REFUSED without commits ahead of the base. */
  createPR?(input: CreatePRInput, options?: CallOptions): Promise<PRInfo>;
  submitReview?(pr: PRInfo, review: SubmitReviewInput): Promise<Review>;
  replyTo?(pr: PRInfo, commentId: string, body: string): Promise<void>;
  resolve?(pr: PRInfo, commentId: string): Promise<void>;
  getDiff?(pr: PRInfo): Promise<string>;
  /** The end of a check's log, where the failure is; bounded by `maxBytes`. */
  getCheckLog?(pr: PRInfo, check: CICheck, options?: { maxBytes?: number }): Promise<string>;
  verifyWebhook?(headers: Record<string, string>, rawBody: Uint8Array): Promise<boolean>;
  parseWebhook?(headers: Record<string, string>, rawBody: Uint8Array): Promise<{ branch?: string; number?: number }[]>;
  /** Calls back whenever something about a pull request changed: a hint to ask `getSnapshots` now. */
  watch?(onChange: (pr: { number?: number; branch?: string }) => void): Promise<{ stop(): Promise<void> }>;
}
