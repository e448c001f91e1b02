import type { DigestCounts, DigestLine } from "../model/digest.ts";
import type { OrchestratorEvent } from "../model/event.ts";
import type { InboxRow } from "../model/inbox.ts";
import type { SessionView } from "../model/session-view.ts";

export type { CleanupRow, DoctorRow, IssueRow, IssuesMeta, LeftSession, PluginRow } from "./rows.ts";

/** A line of the log. Those for people are events; with `all` there are also records of `ao`'s own, which have only the first four. */
export type LoggedEvent = Pick<OrchestratorEvent, "seq" | "id" | "ts" | "type"> & Partial<OrchestratorEvent>;

export interface DaemonInfo {
  pid: number;
  version: string;
  build: string;
  epoch: number;
  startedAt: string;
  home: string;
}

export interface StatusMeta {
  /** Lines that come before everything else, most urgent first (paused, no channel to the user, disk full, …). */
  notices: { level: "error" | "warning" | "info"; text: string; hint?: string }[];
  counts: Record<string, number>;
  /** Agents that work now, of all configs, and how many may. */
  limits: { running: number; max: number };
  cost: SpendingView;
  generatedAt: string;
  /** With `all`: the page of sessions that were archived a while ago, and how many there are in all. */
  archive?: { page: number; pages: number; total: number };
  /** What happened while the user was away, if the caller says that they are here. */
  away?: Away | null;
}

export interface InboxMeta {
  notices: StatusMeta["notices"];
  /** Sessions that need nobody. */
  counts: { working: number; waiting: number; queued: number };
  away: Away | null;
}

/** The user did nothing through `ao` for hours, and something happened. */
export interface Away {
  since: string;
  forMs: number;
  merged: number;
  /** Sessions that need the user now. */
  need: number;
}

export interface Digest {
  since: string;
  until: string;
  merged: DigestLine[];
  failed: DigestLine[];
  counts: DigestCounts;
  /** Only the newest events were counted. */
  isCut: boolean;
  cost: CostView;
  /** False: what some projects used cannot be told apart from what they used before. */
  isCostWhole: boolean;
  waits: InboxRow[];
  /** Rows that are snoozed. */
  snoozed: number;
  now: InboxMeta["counts"];
}

/** What something costs. `usd` is null if a part has no price, and `knownUsd` is the part that has one. */
export interface CostView {
  usd: number | null;
  knownUsd: number;
  /** Uncached: input, output and what was written to a cache. */
  tokens: number;
  kinds?: { input: number; output: number; cacheRead: number; cacheWrite: number };
  unpriced: string[];
}

/** Includes archived sessions. Days are those of the machine. */
export interface SpendingView {
  day: string;
  today: CostView & { sessions: number };
  projects: {
    projectId: string;
    instanceId: string;
    total: CostView;
    today: CostView & { sessions: number };
  }[];
}

/** What an agent was told at a start. */
export interface GivenText {
  /** `instructions` go to the agent's own place for them at every start, and are absent if it has none. The others are messages from the user. */
  part: "instructions" | "first message" | "continuation" | "handoff";
  /** Which start of its program, or null for all. */
  launch: number | null;
  text: string;
}

export interface MessageResult {
  id: string;
  session: string;
  state: string;
  heldFor: string | null;
  text: string;
  /** Characters of the message that no agent gets, because they are invisible or would be taken for keys. Absent if there are none. */
  leftOut?: { char: string; count: number }[];
}

export interface AnswerResult {
  session: string;
  /** Null if it asked with a report, and the answer is a message. */
  dialogId: string | null;
  question: string;
  choice: string;
  number: number | null;
  isAlways: boolean;
  /** Why it was not answered. */
  problem: string | null;
}

export interface Explanation {
  session: SessionView;
  facts: { text: string; source: string; at: string | null; ageMs: number | null }[];
  rule: { status: string; text: string; since: string };
  reactions: { key: string; state: string; text: string; at: string | null }[];
  pending: string[];
  /** The checks of its pull request. */
  checks?: CheckRow[];
}

/** One check of a pull request's head. */
export interface CheckRow {
  name: string;
  status: "pending" | "running" | "passed" | "failed" | "skipped";
  conclusion: string | null;
  startedAt: string | null;
  completedAt: string | null;
  /** So far, while it runs. */
  durationMs: number | null;
  url: string | null;
  isRequired: boolean;
  /** null: unknown, or it does not fail. */
  failsOnBase: boolean | null;
  /** Why it cannot run on this machine; then nothing is known of the commit. */
  problem: string | null;
  /** Of one that fails: the part of its log where the failure is. null: it could not be read. */
  excerpt: string | null;
}

export interface SessionChecks {
  session: string;
  pr: { number: number; url: string; headSha: string; baseBranch: string; ci: string } | null;
  checks: CheckRow[];
  logs?: { names: string[]; text: string }[];
}

export interface TrustResult {
  configPath: string;
  /** What would run, load, link or connect, as text. */
  text: string;
  /** Compared with what was trusted before, or null the first time. */
  diff: string | null;
  pin: string;
  isTrusted: boolean;
}
