import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import type { Iso } from "@agent-orchestrator/core/model/time";
import type { TurnFailure } from "@agent-orchestrator/core/model/turn-failure";
import type { UsageReport } from "@agent-orchestrator/core/model/usage";
import type { PermissionMode } from "@agent-orchestrator/plugin-kit/permissions";

/** What the host is told at its start, in a file: an argument list is for everybody to see. */
export interface HostSpec {
  version: 1;
  /** The agent's program and its words. */
  argv: string[];
  cwd: string;
  /** Where journal and spec are. */
  dir: string;
  socket: string;
  /** The first message of this launch. */
  prompt: string | null;
  /** Go on with this conversation, instead of beginning one. */
  resume: string | null;
  permissions: PermissionMode;
  /** Beginnings of command lines that run without a question. */
  allow: string[];
  mode: string | null;
  model: string | null;
  /** Which of the agent's ways to log in may be taken without a question. */
  auth: string | null;
}

/** What the agent is doing now, as the host tells it with every change. */
export interface HostState {
  phase: "starting" | "ready" | "busy" | "asking" | "limited";
  since: Iso;
  /** One line: by what it is known. */
  evidence: string;
  /** The tool call that runs now. */
  tool: string | null;
  dialog: Dialog | null;
  /** The agent's own id of the conversation. */
  thread: string | null;
  /** Messages that wait for the end of the turn. */
  queued: number;
  /** The error that the last turn ended with. */
  failure?: TurnFailure | undefined;
}

/**
 * What must not be lost while no daemon listens: one JSON object a line in the journal. It is also the host's own memory of the
 * messages that it has seen.
 */
export type JournalEntry =
  | { k: "begin"; at: Iso; pid: number }
  | { k: "session"; at: Iso; id: string; cwd: string; agent: string; canReturn: boolean }
  /** The agent does not know this conversation any more. */
  | { k: "lost"; at: Iso; id: string }
  /** A message was taken in and waits; `sent`: it goes to the agent now, and never again; `dropped`: it will not go any more. */
  | { k: "queued" | "sent" | "dropped"; at: Iso; id: string }
  | { k: "accepted"; at: Iso; id: string | null; text: string | null }
  | { k: "turn"; at: Iso; stop: string; error: string | null }
  | { k: "usage"; at: Iso; usage: UsageReport }
  | { k: "title"; at: Iso; title: string }
  | { k: "repository"; at: Iso; what: string };

export type HostRequest = { re: number } & (
  | { op: "watch" }
  | { op: "send"; id: string; text: string }
  /** `number`: 1 = the first choice. */
  | { op: "answer"; dialog: string; number: number | null; label: string; isAlways: boolean }
  | { op: "cancel" }
);

export type HostReply =
  | { re: number; ok: true; outcome: string }
  | { re: number; ok: false; code: "REFUSED" | "FAILED"; message: string };

export type HostPush =
  /** The journal has so many bytes now, and this is the state after them. */
  | { ev: "now"; journal: number; state: HostState }
  /** Something moves; at most every few seconds. */
  | { ev: "moved"; at: Iso; what: string };
