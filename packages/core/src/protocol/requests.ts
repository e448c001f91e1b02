import type { OrchestratorEvent } from "../model/event.ts";
import type { SessionView } from "../model/session-view.ts";
import type { CleanupRow, DoctorRow, IssueRow, LeftSession, PluginRow } from "./rows.ts";

export type { CleanupRow, DoctorRow, IssueRow, LeftSession, PluginRow };

type Empty = Record<string, never>;

/** The daemon's whole API: request name → parameters, result, meta, and the item of its stream. The name is also the handler's file name. */
export interface Requests {
  ping: { params: Empty; result: DaemonInfo };
  /** Lets go of a config (its file or folder; the file may be missing) or of one session. */
  forget: {
    params: { target: string; isConfirmed?: boolean };
    result: { configPath: string | null; sessions: LeftSession[] };
  };
  /** Takes everything of ours out of all repositories. The state folder is left to the caller. */
  uninstall: {
    params: { isConfirmed?: boolean };
    result: { configs: string[]; sessions: LeftSession[]; home: string };
  };
  stop: { params: { sessions?: boolean; isConfirmed?: boolean }; result: { stopped: true; sessionsEnded: number } };
  /** Finish what is under way and exec the newer build. */
  replace: { params: Empty; result: { replaced: true } };
  spawn: { params: SpawnParams; result: SessionView[] };
  /** With `isWatching`, one item per change until the caller disconnects. */
  status: {
    params: { project?: string; all?: boolean; isWatching?: boolean };
    result: SessionView[];
    meta: StatusMeta;
  };
  /** Open issues of a project. `session`: the live one that works on it. */
  issues: { params: { project?: string }; result: IssueRow[] };
  /** Projects of all known configs. `path` null: the project cannot be used. */
  projects: { params: Empty; result: { id: string; path: string | null; configPath: string }[] };
  /** `isLook`: a person reads the answer, here and in `explain`. What only needed a look has had it then. */
  show: {
    params: { session: string; prompt?: boolean; isLook?: boolean };
    result: SessionView & { prompt?: GivenText[]; lastOutput?: string; checks?: CheckRow[] };
  };
  /** `check` is the name of one; `log`: with the whole log of it, or of all that fail or cannot run. */
  checks: { params: { session: string; check?: string; log?: boolean }; result: SessionChecks };
  explain: { params: { session: string; isLook?: boolean }; result: Explanation };
  events: {
    params: { session?: string; limit?: number; follow?: boolean; afterSeq?: number; all?: boolean };
    result: LoggedEvent[];
  };
  send: { params: SendParams; result: MessageResult };
  answer: { params: AnswerParams; result: AnswerResult[] };
  interrupt: { params: { sessions: string[] }; result: SessionView[] };
  /** `granted`: sessions at a limit that may continue for a while. */
  pause: {
    params: { target?: string; isPaused: boolean };
    result: { target: string; isPaused: boolean; granted?: string[] };
  };
  attach: {
    params: { session: string };
    result: { argv: string[]; env: Record<string, string>; detachHint: string; detachKeys?: string[]; title: string };
  };
  open: { params: { target: string }; result: { opened: string[] } };
  path: { params: { session: string }; result: { path: string } };
  exec: { params: { session: string }; result: { cwd: string; env: Record<string, string> } };
  diff: {
    params: {
      session: string;
      paths?: string[] | undefined;
      isStaged?: boolean | undefined;
      /** A table of the files in so many columns, instead of a patch. */
      statColumns?: number | undefined;
      /** For a terminal: in the form that the user's git settings give it. */
      isForDisplay?: boolean | undefined;
    };
    /** `bytes` (base64) only where the patch is not UTF-8; then `text` shows what can be shown. */
    result: { text: string; base: string; bytes?: string };
  };
  /** Where the daemon's log is. */
  logs: { params: Empty; result: { path: string } };
  kill: {
    params: { sessions: string[]; remove?: boolean; dropUnreadable?: boolean; isConfirmed?: boolean };
    result: SessionView[];
  };
  /** Returns once the new agent runs or is queued. */
  handoff: {
    params: { session: string; agent?: string; model?: string; words?: string };
    result: SessionView;
  };
  restore: { params: { session: string }; result: SessionView };
  cleanup: { params: { isDryRun?: boolean; isConfirmed?: boolean }; result: CleanupRow[] };
  review: { params: ReviewParams; result: SessionView };
  merge: {
    params: { session: string; method?: "merge" | "squash" | "rebase"; isConfirmed?: boolean };
    result: SessionView;
  };
  "pr-create": {
    params: { title?: string; body?: string; session?: string };
    result: { number: number; url: string; isNew: boolean };
  };
  report: { params: { state: string; note?: string; session?: string }; result: { session: string; state: string } };
  set: { params: { session: string; key: string; value: string | null }; result: SessionView };
  /** Returns once the session has, or since the call has had, a status in `until`. Fails with ENDED_OTHERWISE if it ends in another way. */
  wait: { params: { session: string; until: string[]; timeoutMs?: number }; result: SessionView };
  trust: { params: { pin?: string; isDryRun?: boolean }; result: TrustResult };
  init: { params: { path?: string; isDryRun?: boolean }; result: { path: string; text: string; notes: string[] } };
  doctor: { params: { fix?: boolean }; result: DoctorRow[] };
  "config-validate": { params: Empty; result: { path: string; warnings: string[] } };
  "config-show": { params: Empty; result: { path: string; config: unknown } };
  "plugin-list": { params: Empty; result: PluginRow[] };
  "notify-test": { params: { channel?: string }; result: { channel: string; ok: boolean; text: string }[] };
}

export type RequestName = keyof Requests;
export type ParamsOf<N extends RequestName> = Requests[N]["params"];
export type ResultOf<N extends RequestName> = Requests[N]["result"];
export type MetaOf<N extends RequestName> = Requests[N] extends { meta: infer M } ? M : Record<string, unknown>;

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

export interface SpawnParams {
  /** The arguments of `ao spawn`: an optional project, then issues. */
  words: string[];
  prompt?: string;
  agent?: string;
  model?: string;
  runtime?: string;
  workspace?: string;
  base?: string;
  branch?: string;
  isAgain?: boolean;
  isDryRun?: boolean;
}

export interface StatusMeta {
  /** Lines that come before everything else, most urgent first (paused, no channel to the user, disk full, …). */
  notices: { level: "error" | "warning" | "info"; text: string; hint?: string }[];
  counts: Record<string, number>;
  /** Agents that work now, of all configs, and how many may. */
  limits: { running: number; max: number };
  cost: SpendingView;
  generatedAt: string;
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

export interface SendParams {
  session: string;
  text: string;
  isUrgent?: boolean;
  /** False: return as soon as it is queued. */
  isWaiting?: boolean;
  timeoutMs?: number;
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
}

export interface AnswerParams {
  /** The session that asks, or with `isAll` any of those that ask the same. Null: the only open question. */
  session: string | null;
  /** A number, a label, the beginning of one, or a text. */
  words: string;
  isText?: boolean;
  isAlways?: boolean;
  /** Also all others with an identical question. */
  isAll?: boolean;
  /** Reports what would be answered without answering. */
  isDryRun?: boolean;
  /** Only these, as they were shown. Any that has changed since is refused. */
  dialogs?: { session: string; dialogId: string }[];
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

export interface ReviewParams {
  session: string;
  state: "approved" | "changes_requested" | "commented";
  body?: string;
  /** `path:line`, one per comment. `text` is that comment's body. */
  comments?: { path: string; line?: number; body: string }[];
  headSha?: string;
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
