import type { ToldFact } from "./fact.ts";
import type { Issue } from "./issue.ts";
import type { ChannelId } from "./notice.ts";
import type { Predecessor } from "./predecessor.ts";
import type { PRInfo } from "./pull-request.ts";
import type { SessionRecord } from "./session.ts";
import type { InstanceState, WishRecord } from "./state.ts";

/** What is wanted of the state that no single session owns, as data. `decide/commands` carries it out or refuses it. */
export type StateCommand =
  | SessionsCommand
  | WishCommand
  | ConfigCommand
  | HistoryCommand
  | ChannelCommand
  /** The clock was set back: what happened "later than now" happened now. */
  | { kind: "pull-back" };

/** A session to be, with everything that must be looked up in the world for it. Only its number and its ports are missing. */
export interface NewSession {
  instanceId: string;
  projectId: string;
  /** Its id is this and the next number. */
  prefix: string;
  issue: Pick<Issue, "id" | "title" | "url" | "tracker"> | null;
  prompt: string | null;
  /** Although its issue may have a live session. */
  isAgain: boolean;
  agent: string;
  agentOptions: Record<string, unknown>;
  runtime: string;
  workspace: string;
  branch: string;
  /** The branch was named, and may exist. No other live session may have it. */
  useExistingBranch: boolean;
  baseBranch: string | null;
  /** The existing pull request that it takes over. */
  takenPr: PRInfo | null;
  /** What must be merged, done or closed first. */
  after: readonly Predecessor[];
  /** How many consecutive ports it gets. */
  ports: number;
}

type SessionsCommand =
  /** Adds them to the queue, together or not at all. */
  | { kind: "spawn"; sessions: readonly NewSession[]; wish: WishName | null }
  | { kind: "pause"; target: PauseTarget; isPaused: boolean; wish: WishName | null };

export type PauseTarget =
  | { scope: "everything" }
  /** Of that name, in whichever config. */
  | { scope: "project"; projectId: string }
  | { scope: "session"; sessionId: string };

/** The id under which a caller asks again, and which request it made. */
export interface WishName {
  id: string;
  request: string;
}

/** What is kept of a wish. Said again, it is merged with what is kept already. */
export type KeptOfWish = Partial<Pick<WishRecord, "sessionIds" | "marks" | "result">>;

type WishCommand = { kind: "keep-wish"; wish: WishName; kept: KeptOfWish };

type ConfigCommand =
  /** Remembers a config that is new, or in a new place. A new one is not trusted. */
  | ({ kind: "register-config" } & Required<Pick<InstanceState, "id" | "configPath" | "repositories">>)
  /** What the user trusts of it from now on. */
  | ({ kind: "trust-config" } & Required<
      Pick<InstanceState, "id" | "configPath" | "trustedPin" | "trustedText" | "trustedFiles">
    >)
  /** A known config is at another path now. */
  | ({ kind: "move-config" } & Pick<InstanceState, "id" | "configPath">)
  | ({ kind: "forget-config" } & Pick<InstanceState, "id">)
  /** Checkouts and kept work that were moved: from the old path to the new one. */
  | { kind: "follow-paths"; paths: Readonly<Record<string, string>> };

type HistoryCommand =
  /** Takes sessions out of memory that were archived a while ago. `inUse`: they were asked for a moment ago. */
  | { kind: "put-away"; most: number; inUse: readonly string[] }
  /** Brings one back, as it was. */
  | { kind: "bring-back"; record: SessionRecord }
  /** Its checkout is the user's from now on. */
  | { kind: "archive-in-place"; sessionId: string }
  /**
   * Forgets what nobody needs any more. `elapsedMs`: awake time since the last round, which no clock can change. `keepMs`:
   * how long work is kept, by config. Null or absent: forever.
   */
  | { kind: "tidy"; elapsedMs: number; keepMs: Readonly<Record<string, number | null>> };

type ChannelCommand =
  | { kind: "channel-works"; channel: ChannelId }
  /** Somebody did something on a channel: it stands in the log. */
  | { kind: "note-press"; sessionId: string; by: string; did: string };

export type CommandKind = StateCommand["kind"];
export type CommandOf<K extends CommandKind> = Extract<StateCommand, { kind: K }>;

/** What the caller of a command is told once it is on disk. The others are told nothing. */
export interface CommandResults {
  spawn: { ids: string[] };
  pause: { granted: string[]; isReleased: boolean };
  /** Folders of kept work that are no longer recorded, and can be deleted. */
  tidy: { folders: string[] };
}

export type ResultOf<K extends CommandKind> = K extends keyof CommandResults ? CommandResults[K] : undefined;

/** A fact that a command reports to a session. The session decides on it in the same step. */
export interface FactAbout {
  sessionId: string;
  fact: ToldFact;
}
