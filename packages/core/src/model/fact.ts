import type { ActionKind } from "./action.ts";
import type { Activity } from "./activity.ts";
import type { ErrorCode } from "./errors.ts";
import type { LeftProcess } from "./left-running.ts";
import type { ChannelId } from "./notice.ts";
import type { LostPredecessor, PredecessorName } from "./predecessor.ts";
import type { Conflicts, PRInfo, PRSnapshot } from "./pull-request.ts";
import type { Launch, Work } from "./session.ts";
import type { Iso } from "./time.ts";
import type { UsageReport } from "./usage.ts";

/** How a process ended, according to the runtime. */
export interface ExitSeen {
  code: number | null;
  signal: string | null;
  at: Iso;
  lastOutput: string | null;
}

export interface Failure {
  code: ErrorCode;
  message: string;
  hint?: string;
}

/** Something observed, requested or done. Only facts change a session. `at`: when it was observed. */
export type SessionFact = { at: Iso } & (
  | StartFact
  | RuntimeFactSeen
  | AgentFactSeen
  | WorldFact
  | MessageFact
  | WishFact
  | EffectFact
);

/** Steps of a start, in order. `launch` says which start. */
export type StartFact =
  | { kind: "admitted" }
  | { kind: "waiting"; reason: string; lost?: LostPredecessor | null }
  /** What the session waited for is merged, done or closed. */
  | { kind: "predecessor-met"; of: PredecessorName }
  | {
      kind: "workspace-ready";
      path: string;
      branch: string;
      baseBranch: string | null;
      baseSha: string | null;
      baseNote: string | null;
      notes: string[];
    }
  | {
      kind: "launched";
      launch: number;
      handle: NonNullable<Launch["handle"]>;
      pid: number | null;
      startId: string | null;
      isReady: boolean;
      /** For the user. */
      note?: string;
    }
  | { kind: "start-failed"; launch: number; step: "workspace" | "post-create" | "agent" | "runtime"; failure: Failure };

export type RuntimeFactSeen =
  | { kind: "ready"; launch: number }
  | { kind: "output"; launch: number }
  | { kind: "exited"; launch: number; exit: ExitSeen }
  /** The runtime itself is gone (tmux server killed, machine rebooted). */
  | { kind: "runtime-lost"; launch: number; reason: string }
  | { kind: "human-input" }
  /** What the tool call of the last turn left running, by a look after the turn's end. */
  | { kind: "left-running"; launch: number; processes: LeftProcess[] };

export type AgentFactSeen =
  /** `isWhole`: this takes all sources of the agent itself into account, and replaces what they reported before. */
  | { kind: "activity"; launch: number; activity: Activity; isWhole?: boolean }
  | { kind: "turn-ended"; launch: number }
  | { kind: "progress"; what: string }
  /** What one conversation has used so far. */
  | { kind: "usage"; usage: UsageReport }
  /** A commit, a push or a call to the forge. Branch and pull request may be new. */
  | { kind: "repository-changed"; what: string }
  | { kind: "reported"; state: "working" | "waiting" | "needs_input" | "blocked" | "done"; note: string | null }
  | {
      kind: "agent-info";
      summary?: string | null;
      agentSessionId?: string | null;
      cost?: { usd: number | null; tokens: number | null; model: string | null } | null;
    };

export type WorldFact =
  | { kind: "work"; work: Work }
  | { kind: "pr"; snapshot: PRSnapshot }
  /** The scm answered that this branch has no pull request. */
  | { kind: "pr-none" }
  | { kind: "conflicts"; headSha: string; baseSha: string; found: Conflicts | null }
  /** Empty: there is none. Null: it could not be read. */
  | { kind: "check-log"; headSha: string; key: string; log: string | null }
  /** Its base is the branch of a session whose pull request was merged into another one. */
  | { kind: "base-merged"; from: string; to: string; pr: number }
  /** Whether an issue that the session waits for is closed. `problem`: why the tracker cannot tell. */
  | { kind: "issue-seen"; issue: string; isClosed: boolean; isGone: boolean; problem: string | null }
  /** A plugin could not answer. That it is unknown is also a fact. */
  | { kind: "unanswered"; question: "pr" | "work" | "process"; failure: Failure }
  /** The machine slept, the clock jumped or the daemon restarted. Every duration starts again in full. */
  | { kind: "resumed-watch"; because: "restart" | "sleep" };

export type MessageFact =
  | { kind: "message-written"; id: string }
  | { kind: "message-accepted"; id: string }
  /** `doubt`: why no receipt is expected, although the agent sends them. */
  | { kind: "message-unconfirmed"; id: string; doubt?: string }
  /** The receipt is withdrawn. It was for the agent's own queue, which is gone. */
  | { kind: "message-lost"; id: string }
  /** The agent accepted this text, which is the receipt of the message with that text, if there is one. */
  | { kind: "text-taken"; text: string }
  /** Nothing was written, because the agent has a question, or a draft of the user is in the way. The message waits again. */
  | {
      kind: "message-deferred";
      id: string;
      because?: "asking" | "human" | "busy" | "unreadable";
      /** Nothing was written this time. How far an earlier attempt got is unknown. */
      isInDoubt?: boolean;
    }
  | { kind: "message-failed"; id: string; failure: Failure };

/** A wish of the user (or of the agent, if allowed). */
export type WishFact =
  | { kind: "wish-send"; message: { id: string; text: string; isUrgent: boolean; isAnswer?: boolean } }
  /** `choice`: the label of a choice with its `number` (1 = first), or a text with `number` null. */
  | { kind: "wish-answer"; wishId: string; dialogId: string; choice: string; number: number | null; isAlways: boolean }
  /** Held comments that the agent gets, as one message with this id. */
  | { kind: "wish-release"; messageId: string; ids: string[] }
  | { kind: "wish-withdraw"; id: string }
  | {
      kind: "wish-kill";
      remove: boolean;
      by: "user" | "ao";
      reason: string;
      /** Also remove what could not be kept because it is not readable. */
      dropUnreadable?: boolean;
    }
  | { kind: "wish-restore" }
  /** Another agent continues in the same checkout. The present one is stopped first. */
  | {
      kind: "wish-handoff";
      wishId: string;
      agent: string;
      agentOptions: Record<string, unknown>;
      words: string | null;
    }
  | { kind: "wish-remove"; reason: string }
  | { kind: "wish-interrupt"; kills?: boolean }
  | { kind: "wish-pause"; isPaused: boolean }
  /** Start although what it waits for is not merged, done or closed. */
  | { kind: "wish-not-wait" }
  /** Continue in spite of the limits that are reached, as far as `decide/limits.ts` allows. */
  | { kind: "wish-grant" }
  | { kind: "wish-merge"; headSha: string; method: "merge" | "squash" | "rebase" | null }
  | { kind: "wish-pr"; title: string | null; body: string | null }
  /** The checkout is on this branch and at this commit now. Make the branch the session's own, if allowed. */
  | { kind: "wish-branch"; branch: string; headSha: string | null }
  /** Take over this pull request, on this branch. */
  | { kind: "wish-claim"; pr: PRInfo; branch: string }
  | { kind: "wish-set"; key: string; value: string | null }
  /** Hide what it needs the user for until then. Null: show it again. */
  | { kind: "wish-snooze"; ends: Iso | null }
  /** The user did this just now through `ao`, and need not be notified. */
  | { kind: "human-did"; what: "reviewed" | "merged" | "looked" | "removed" | "attended" };

/** The result of an action, under the action's key. */
export type EffectFact =
  | { kind: "stopped"; launch: number }
  | { kind: "removed"; preservedPath: string | null; unreadable?: string[]; notes?: string[] }
  | { kind: "merged"; headSha: string }
  | { kind: "replied"; commentId: string }
  /** This pull request is no longer a draft. */
  | { kind: "pr-ready"; number: number }
  /** It is in its base's merge queue. */
  | { kind: "merge-queued"; headSha: string }
  /** The session continues on this branch, with its checkout and pull request. */
  | { kind: "branch-followed"; branch: string }
  /** The session takes it over, on this branch. What it says now is old to the session. `body`: its description. */
  | { kind: "pr-taken"; snapshot: PRSnapshot; branch: string; body: string }
  /** It does not follow, for this reason. */
  | { kind: "branch-refused"; branch: string; reason: string }
  /** The agent accepted the user's answer to this dialog. */
  | { kind: "answered"; wishId: string; dialogId: string; choice: string }
  /** This channel has the notices with these keys. */
  | { kind: "notices-told"; channel: ChannelId; keys: string[] }
  /** It has not, or may not have. `isFinal`: it never will. */
  | {
      kind: "notices-not-told";
      channel: ChannelId;
      keys: string[];
      failure: Failure;
      retryAfterMs: number;
      isFinal: boolean;
    }
  | { kind: "effect-failed"; key: string; action: ActionKind; failure: Failure };

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** A fact as it is reported. The engine adds the time. */
export type ToldFact = DistributiveOmit<SessionFact, "at">;
