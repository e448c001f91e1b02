import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import type { Iso } from "@agent-orchestrator/core/model/time";
import type { TurnFailure } from "@agent-orchestrator/core/model/turn-failure";
import type { UsageReport } from "@agent-orchestrator/core/model/usage";
import type { PermissionMode } from "@agent-orchestrator/plugin-kit/permissions";

/** The host's input at its start. It is in a file, because everybody can see an argument list. */
export interface HostSpec {
  version: 1;
  /** The agent's program and its arguments. */
  argv: string[];
  cwd: string;
  /** Where journal and spec are. */
  dir: string;
  socket: string;
  /** The first message of this launch. */
  prompt: string | null;
  /** Continue this conversation instead of starting one. */
  resume: string | null;
  permissions: PermissionMode;
  /** Beginnings of commands that run without a question. */
  allow: string[];
  mode: string | null;
  model: string | null;
  /** Which of the agent's login methods may be used without a question. */
  auth: string | null;
}

/** What the agent is doing now. The host sends it with every change. */
export interface HostState {
  phase: "starting" | "ready" | "busy" | "asking" | "limited";
  since: Iso;
  /** The evidence, in one line. */
  evidence: string;
  /** The tool call that runs now. */
  tool: string | null;
  dialog: Dialog | null;
  /** The agent's own id for the conversation. */
  thread: string | null;
  /** Messages that wait for the end of the turn. */
  queued: number;
  /** The error that the last turn ended with. */
  failure?: TurnFailure | undefined;
}

/**
 * What must not be lost while no daemon listens, as one JSON object per line in the journal. It is also the host's own memory of the
 * messages that it has seen.
 */
export type JournalEntry =
  | { k: "begin"; at: Iso; pid: number }
  | { k: "session"; at: Iso; id: string; cwd: string; agent: string; canReturn: boolean }
  /** The agent no longer knows this conversation. */
  | { k: "lost"; at: Iso; id: string }
  /** A message was accepted and waits. `sent`: it is sent to the agent now, and never again. `dropped`: it will not be sent any more. */
  | { k: "queued" | "sent" | "dropped"; at: Iso; id: string }
  | { k: "accepted"; at: Iso; id: string | null; text: string | null }
  | { k: "turn"; at: Iso; stop: string; error: string | null }
  | { k: "usage"; at: Iso; usage: UsageReport }
  | { k: "title"; at: Iso; title: string }
  | { k: "repository"; at: Iso; what: string };

export type HostRequest = { re: number } & (
  | { op: "watch" }
  | { op: "send"; id: string; text: string }
  /** `number`: 1 is the first choice. */
  | { op: "answer"; dialog: string; number: number | null; label: string; isAlways: boolean }
  | { op: "cancel" }
);

export type HostReply =
  | { re: number; ok: true; outcome: string }
  | { re: number; ok: false; code: "REFUSED" | "FAILED"; message: string };

export type HostPush =
  /** The journal's size in bytes, and the state at that point. */
  | { ev: "now"; journal: number; state: HostState }
  /** There is progress. Sent at most every few seconds. */
  | { ev: "moved"; at: Iso; what: string };
