import type { Prices } from "./prices.ts";
import type { MergeMethod } from "./pull-request.ts";
import type { ReactionConfig, ReactionKey } from "./reaction.ts";
import type { Tally } from "./spend.ts";
import type { Priority } from "./status.ts";

/** Bounds of one unit; null: none. */
export interface Bounds {
  session: number | null;
  /** Everything a project ever used. */
  project: number | null;
  /** What this config's projects use in a day. */
  day: number | null;
  /** What everything under `$AO_HOME` uses in a day: of the user's own config. */
  dayOfAll: number | null;
}

export interface Limits {
  usd: Bounds;
  /** Uncached tokens. */
  tokens: Bounds;
  /** Messages that reactions may send to one session. */
  reactions: number | null;
}

/** What was used around one session. */
export interface SpentAround {
  project: Tally;
  /** By the projects of its config, on this day. */
  day: Tally;
  /** By all projects, on this day. */
  dayOfAll: Tally;
}

/** The config of one session's project, as far as decisions depend on it. Data only. */
export interface Policy {
  reactions: Record<ReactionKey, ReactionConfig>;
  readyThresholdMs: number;
  ciNoneAfterMs: number;
  /** Removal this long after the last activity; by how the session ended. null: never. */
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
  mergeMethod: MergeMethod | null;
  /** The scm takes `expectedHeadSha`: without it nothing is merged automatically. */
  canMergePinned: boolean;
  closeIssueOnMerge: boolean;
  agent: {
    lifetime: "interactive" | "per-turn";
    receipts: "always" | "never";
    /** false: this agent cannot take messages between turns (per-turn without a resume command). */
    canResume: boolean;
  };
  /** The whole project (or everything) is paused. */
  isPaused: boolean;
  /** The human typed within this time: reactions are held. */
  handsOffMs: number;
  /** What may be used; absent: no limits of the user's. */
  limits?: Limits;
  /** Dollars per million tokens, where agents do not tell dollars. */
  prices?: Prices;
  /** The human's time zone, for days. Absent: UTC. */
  utcOffsetMs?: number;
  /** Priorities that some channel wants to hear of. Absent: urgent and action. */
  routed?: readonly Priority[];
}

/** What a decision may look at beside the record and the facts. */
export interface DecideContext {
  policy: Policy;
  /** Wall time of this decision. */
  nowMs: number;
  /** Since when this session is watched without a gap (restart, sleep): durations never reach behind it. */
  watchedSinceMs: number;
  /** Absent: nothing was used. */
  spent?: SpentAround;
}
