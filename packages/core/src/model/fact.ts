import type { Activity } from "./activity.ts";
import type { ErrorCode } from "./errors.ts";
import type { PRSnapshot } from "./pull-request.ts";
import type { Launch, Work } from "./session.ts";
import type { Iso } from "./time.ts";
import type { UsageReport } from "./usage.ts";

/** How a process ended, as far as the runtime knows. */
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

/** Something observed, asked for, or brought about. The only thing that moves a session. `at`: when it was seen. */
export type SessionFact = { at: Iso } & (
  | StartFact
  | RuntimeFactSeen
  | AgentFactSeen
  | WorldFact
  | MessageFact
  | WishFact
  | EffectFact
);

/** Steps of a start, in order. `launch` says of which. */
export type StartFact =
  | { kind: "admitted" }
  | { kind: "waiting"; reason: string }
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
      /** For the human. */
      note?: string;
    }
  | { kind: "start-failed"; launch: number; step: "workspace" | "post-create" | "agent" | "runtime"; failure: Failure };

export type RuntimeFactSeen =
  | { kind: "ready"; launch: number }
  | { kind: "output"; launch: number }
  | { kind: "exited"; launch: number; exit: ExitSeen }
  /** The runtime itself is gone (tmux server killed, machine rebooted). */
  | { kind: "runtime-lost"; launch: number; reason: string }
  | { kind: "human-input" };

export type AgentFactSeen =
  /** `isWhole`: who says this has weighed all sources of the agent itself, and takes back what they said before. */
  | { kind: "activity"; launch: number; activity: Activity; isWhole?: boolean }
  | { kind: "turn-ended"; launch: number }
  | { kind: "progress"; what: string }
  /** What one conversation has used so far. */
  | { kind: "usage"; usage: UsageReport }
  /** A commit, a push, a call of the forge: branch and pull request may be new. */
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
  | { kind: "check-log"; headSha: string; key: string; log: string | null }
  /** A question to a plugin failed: "cannot tell" is a fact. */
  | { kind: "unanswered"; question: "pr" | "work" | "process"; failure: Failure }
  /** The machine slept, the clock jumped or the daemon restarted: every duration starts a full period anew. */
  | { kind: "resumed-watch"; because: "restart" | "sleep" };

export type MessageFact =
  | { kind: "message-written"; id: string }
  | { kind: "message-accepted"; id: string }
  /** `doubt`: why no receipt is to be expected, where the agent gives them. */
  | { kind: "message-unconfirmed"; id: string; doubt?: string }
  /** The receipt is taken back: it was for the agent's own queue, which is gone. */
  | { kind: "message-lost"; id: string }
  /** The agent took this text: the receipt of the message that says it, where there is one. */
  | { kind: "text-taken"; text: string }
  /** Not a byte went in, for the agent asks something, or a draft of a human is in the way: back to those that wait. */
  | {
      kind: "message-deferred";
      id: string;
      because?: "asking" | "human" | "busy";
      /** None this time; how far an earlier try came, nobody knows. */
      isInDoubt?: boolean;
    }
  | { kind: "message-failed"; id: string; failure: Failure };

/** A wish of the human (or of the agent, where it may). */
export type WishFact =
  | { kind: "wish-send"; message: { id: string; text: string; isUrgent: boolean; isAnswer?: boolean } }
  /** `choice`: the label of a choice with its `number` (1 = first), or a text with `number` null. */
  | { kind: "wish-answer"; wishId: string; dialogId: string; choice: string; number: number | null; isAlways: boolean }
  | { kind: "wish-withdraw"; id: string }
  | {
      kind: "wish-kill";
      remove: boolean;
      by: "user" | "ao";
      reason: string;
      /** Remove also what could not be kept because it may not be read. */
      dropUnreadable?: boolean;
    }
  | { kind: "wish-restore" }
  /** Another agent goes on in the same checkout. The present one is stopped first. */
  | {
      kind: "wish-handoff";
      wishId: string;
      agent: string;
      agentOptions: Record<string, unknown>;
      words: string | null;
    }
  | { kind: "wish-remove"; reason: string }
  | { kind: "wish-interrupt" }
  | { kind: "wish-pause"; isPaused: boolean }
  /** Go on in spite of the limits that are reached, as far as `decide/limits.ts` says. */
  | { kind: "wish-grant" }
  | { kind: "wish-merge"; headSha: string; method: "merge" | "squash" | "rebase" | null }
  | { kind: "wish-pr"; title: string | null; body: string | null }
  /** The checkout is on this branch now: make it the session's own, if it may be. */
  | { kind: "wish-branch"; branch: string }
  | { kind: "wish-set"; key: string; value: string | null }
  /** The human did this just now through `ao`; they need not be told of it. */
  | { kind: "human-did"; what: "reviewed" | "merged" | "looked" | "removed" };

/** The result of an action, under the action's key. */
export type EffectFact =
  | { kind: "stopped"; launch: number }
  | { kind: "removed"; preservedPath: string | null; unreadable?: string[] }
  | { kind: "merged"; headSha: string }
  /** The session goes on on this branch, with its checkout and pull request. */
  | { kind: "branch-followed"; branch: string }
  /** It does not, for this reason. */
  | { kind: "branch-refused"; branch: string; reason: string }
  /** The agent took the human's answer to this dialog. */
  | { kind: "answered"; wishId: string; dialogId: string; choice: string }
  | { kind: "effect-failed"; key: string; action: string; failure: Failure };

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** A fact as it is told: the engine adds when. */
export type ToldFact = DistributiveOmit<SessionFact, "at">;
