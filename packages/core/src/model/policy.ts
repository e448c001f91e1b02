import type { NotifyPolicy } from "./notice.ts";
import type { Prices } from "./prices.ts";
import type { DraftMode, MergeMethod } from "./pull-request.ts";
import type { ReactionConfig, ReactionKey } from "./reaction.ts";
import type { Tally } from "./spend.ts";

/** Limits in one unit. Null if there is none. */
export interface Bounds {
  session: number | null;
  /** For everything that a project ever uses. */
  project: number | null;
  /** For what this config's projects use in a day. */
  day: number | null;
  /** For what everything under `$AO_HOME` uses in a day, from the user's own config. */
  dayOfAll: number | null;
}

export interface Limits {
  usd: Bounds;
  /** Uncached tokens. */
  tokens: Bounds;
  /** How many messages reactions may send to one session. */
  reactions: number | null;
}

/** Use that counts against one session's limits. */
export interface SpentAround {
  project: Tally;
  /** By the projects of its config, on this day. */
  day: Tally;
  /** By all projects, on this day. */
  dayOfAll: Tally;
}

/** How long an agent is ready before it counts as idle, unless the user says otherwise. */
export const READY_THRESHOLD_MS = 300_000;

/** The part of the config of one session's project that decisions depend on. Data only. */
export interface Policy {
  reactions: Record<ReactionKey, ReactionConfig>;
  readyThresholdMs: number;
  ciNoneAfterMs: number;
  /** How often a check that timed out, or whose name fits `ciFlaky`, is run again on a head before its failure counts. */
  ciRerun: number;
  ciFlaky: string[];
  /** When to remove it after the last activity, by how the session ended. Null if never. */
  cleanupMs: {
    merged: number | null;
    done: number | null;
    closed: number | null;
    killed: number | null;
    errored: number | null;
  };
  /** Names of bots whose comments may cause sends. */
  trustedBots: string[];
  openPr: "turn-end" | "manual";
  draft: DraftMode;
  /** Reply in the threads that the agent was sent, once it has committed. */
  replyOnFix: boolean;
  /** Pull requests are on a forge, which sees only what was pushed. */
  isRemote: boolean;
  mergeMethod: MergeMethod | null;
  /** The scm supports `expectedHeadSha`. Without it nothing is merged automatically. */
  canMergePinned: boolean;
  closeIssueOnMerge: boolean;
  /** A session's issue is marked as the user's while it lives. */
  claimIssue: boolean;
  /** The tracker is told how far the work on an issue is. */
  stageIssue: boolean;
  agent: {
    lifetime: "interactive" | "per-turn";
    receipts: "always" | "never";
    /** False if this agent cannot take messages between turns (per-turn without a resume command). */
    canResume: boolean;
  };
  /** The whole project (or everything) is paused. */
  isPaused: boolean;
  /** How long reactions are held after the user typed. */
  handsOffMs: number;
  /** The user's limits. Absent if there are none. */
  limits?: Limits;
  /** Dollars per million tokens, for agents that do not report dollars. */
  prices?: Prices;
  /** The user's time zone, for days. UTC if absent. */
  utcOffsetMs?: number;
  /** Which channel gets what, and when. Absent: none gets anything, but decisions are as if urgent and action were routed. */
  notify?: NotifyPolicy;
}

/** Another session's open pull request in the same project. */
export interface Peer {
  id: string;
  baseBranch: string;
  number: number;
  /** 0: ready but for its base. 1: it waits for a review. 2: it needs more work. */
  rank: number;
  needsUpdate: boolean;
  /** False if it gave up, is paused, or may not be asked now. */
  canAct: boolean;
  /** When its agent was asked to bring it up to date. */
  askedAt: string | null;
  /** When its agent last had. */
  updatedAt: string | null;
}

/** What a decision may use in addition to the record and the facts. */
export interface DecideContext {
  policy: Policy;
  /** Wall time of this decision. */
  nowMs: number;
  /** Since when this session has been watched without a gap (restart, sleep). Durations never start before it. */
  watchedSinceMs: number;
  /** Absent if nothing was used. */
  spent?: SpentAround;
  /** Absent if there are none. */
  peers?: readonly Peer[];
}
