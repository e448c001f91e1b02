import type { ProjectConfig } from "../model/project.ts";
import type {
  CICheck,
  CIStatus,
  Conflicts,
  LastLook,
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

export interface LookOptions extends CallOptions {
  /**
   * Something happened that may have changed it: a commit, a push, a call of the forge's own program. Without it, an scm that pays
   * for each question may answer from memory.
   */
  isWoken?: boolean;
  /** Something irrevocable depends on the answer: the forge is asked for it now, whatever is remembered. */
  isFresh?: boolean;
}

export interface MergeOptions extends CallOptions {
  /** Merge only if this is still the head, because nothing newer was judged. */
  expectedHeadSha?: string;
}

export interface CheckLogOptions extends CallOptions {
  maxBytes?: number;
}

export interface ReplyOptions extends CallOptions {
  /** The same id again is the same reply: a caller that lost the answer asks again. */
  id?: string;
}

export interface CreatePRInput {
  title: string;
  body: string;
  branch: string;
  baseBranch: string;
  isDraft?: boolean;
  sessionId?: string;
  /** The session's issue, as the tracker's short form (`#42`): where the scm can, a merge closes it. */
  closesIssue?: string;
  /** On a forge: the pushed branch may take the place of exactly this commit there, which it does not descend from. */
  replaces?: string;
  /** The branch was made for this session. When its pull request is over, those that are based on it go over to its base. */
  isOwnBranch?: boolean;
}

export interface SubmitReviewInput {
  /** The same id again is the same review: a caller that lost the answer asks again. */
  id?: string;
  state: "approved" | "changes_requested" | "commented";
  body: string;
  /** Inline comments. */
  comments?: { path: string; line?: number; body: string }[];
  /** Judge exactly this head. Throws REFUSED if the branch has moved. Default: the current tip. */
  headSha?: string;
}

/**
 * Pull requests, CI, reviews and merges. Throws if it can't tell. A method that waits takes a signal, and throws as soon as it
 * aborts: nothing was written, or the same call again finds what was.
 *
 * Stacked pull requests: when a pull request is merged or closed, the open ones based on its branch move to its own base, and
 * what is reported of them (`info.baseBranch`, conflicts, checks, diff) is computed again. `createPR` with such a base does the same.
 * For a forge, which keeps a base until it is changed, core calls `setBase` when a session's pull request was merged. After one that was
 * closed nothing moves there: approvals would stand for commits that nobody approved.
 */
export interface SCM {
  readonly name?: string;
  /** How often to call `getSnapshots`. If absent, the daemon's own interval. */
  readonly pollMs?: number;
  /** The pull request of this session's branch, newest first, or null. */
  detectPR(session: Session, project: ProjectConfig, options?: LookOptions): Promise<PRInfo | null>;
  /** By its number. Throws NOT_FOUND. */
  getPR?(number: number, options?: CallOptions): Promise<PRInfo>;
  /**
   * Makes the newest commit of a pull request the tip of this branch of the project's repository, which is made if it is not there. Throws
   * REFUSED if the branch has commits that the pull request lacks, or cannot be moved now. May be repeated.
   */
  fetchPR?(pr: PRInfo, branch: string, options?: CallOptions): Promise<void>;
  getPRState(pr: PRInfo, options?: CallOptions): Promise<PRState>;
  getPRSummary?(
    pr: PRInfo,
    options?: CallOptions,
  ): Promise<{ state: PRState; title: string; additions: number; deletions: number; body?: string }>;
  /**
   * May be repeated on a merged pull request. Throws REFUSED (not mergeable, head moved, user's edits in the way). Returns
   * `queued` if its base has a merge queue and it is in there now: its snapshot says what becomes of it.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: plugins that return nothing stay valid
  mergePR(pr: PRInfo, method?: MergeMethod, options?: MergeOptions): Promise<"queued" | void>;
  closePR(pr: PRInfo, options?: CallOptions): Promise<void>;
  getCIChecks(pr: PRInfo, options?: CallOptions): Promise<CICheck[]>;
  getCISummary(pr: PRInfo, options?: CallOptions): Promise<CIStatus>;
  getReviews(pr: PRInfo, options?: CallOptions): Promise<Review[]>;
  getReviewDecision(pr: PRInfo, options?: CallOptions): Promise<ReviewDecision>;
  getPendingComments(pr: PRInfo, options?: CallOptions): Promise<ReviewComment[]>;
  getAutomatedComments(pr: PRInfo, options?: CallOptions): Promise<ReviewComment[]>;
  getMergeability(pr: PRInfo, options?: CallOptions): Promise<MergeReadiness>;
  /** Everything about many pull requests in as few calls as possible, in the same order. Null where it can't tell. */
  getSnapshots?(prs: PRInfo[], options?: LookOptions): Promise<(PRSnapshot | null)[]>;
  /** From memory, for an scm whose `getSnapshots` does not ask each time. Null: it was not asked for this one. */
  lastLook?(pr: PRInfo): LastLook | null;
  /** Returns the existing pull request of this branch if there is one. Throws REFUSED without commits ahead of the base. */
  createPR?(input: CreatePRInput, options?: CallOptions): Promise<PRInfo>;
  /** A draft is ready for review. May be repeated, and does nothing to one that is no draft. Throws REFUSED if it is over. */
  markReady?(pr: PRInfo, options?: CallOptions): Promise<void>;
  /** Bases an open pull request on another branch. May be repeated. */
  setBase?(pr: PRInfo, baseBranch: string, options?: CallOptions): Promise<void>;
  /** A session goes on on another branch: its open pull request, and what is based on the old name, go along. */
  moveBranch?(from: string, to: string, options?: CallOptions): Promise<void>;
  submitReview?(pr: PRInfo, review: SubmitReviewInput, options?: CallOptions): Promise<Review>;
  replyTo?(pr: PRInfo, commentId: string, body: string, options?: ReplyOptions): Promise<void>;
  resolve?(pr: PRInfo, commentId: string, options?: CallOptions): Promise<void>;
  getDiff?(pr: PRInfo, options?: CallOptions): Promise<string>;
  /** Runs these failed checks again on their head, as a new attempt. Each has `rerun: "possible"`. */
  rerunChecks?(pr: PRInfo, checks: CICheck[], options?: CallOptions): Promise<void>;
  /** What exactly these two commits of a pull request and its base conflict in. Throws if it can't tell. */
  getConflicts?(pr: PRInfo, ends: CallOptions & { headSha: string; baseSha: string }): Promise<Conflicts>;
  /** The end of a check's log, where the failure is, at most `maxBytes`. */
  getCheckLog?(pr: PRInfo, check: CICheck, options?: CheckLogOptions): Promise<string>;
  /** The shell lines of its options that it runs on this machine, and where they are written, such as `scm.ci.test`. */
  commandLines?(): readonly { where: string; line: string }[];
  /** `ao` is being uninstalled: removes what the plugin keeps outside its state folder. May be repeated. */
  uninstall?(options?: CallOptions): Promise<void>;
  /** With the option `agentToken`: the variables in which programs such as `gh` look for a token, for agents. Throws UNAVAILABLE without one. */
  getAgentEnvironment?(options?: CallOptions): Promise<Record<string, string>>;
  /** For `ao doctor`: whether it can be reached, with which rights, and what it has left of its quotas. */
  check?(options?: CallOptions): Promise<{ ok: boolean; text: string; hint?: string }[]>;
  /** Whether a delivery that the daemon received is signed with the option `webhook.secret`. `headers` have lower-case names. */
  verifyWebhook?(headers: Record<string, string>, rawBody: Uint8Array, options?: CallOptions): Promise<boolean>;
  /**
   * What a verified delivery is about, so that the next `getSnapshots` looks at it and does not answer from memory. Empty: nothing
   * to look at, or a delivery that was here before. Throws REFUSED for another repository, USAGE for what is no delivery.
   */
  parseWebhook?(
    headers: Record<string, string>,
    rawBody: Uint8Array,
    options?: CallOptions,
  ): Promise<{ branch?: string; number?: number }[]>;
  /**
   * Calls back whenever something about a pull request changed, as a hint to call `getSnapshots` now. The signal is for the
   * opening; `stop` ends the watch.
   */
  watch?(
    onChange: (pr: { number?: number; branch?: string }) => void,
    options?: CallOptions,
  ): Promise<{ stop(): Promise<void> }>;
}
