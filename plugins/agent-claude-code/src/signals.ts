import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import type { Failure } from "./failure.ts";
import type { Folded } from "./fold.ts";

/** A request that waits at its hook's pipe. */
export interface Ask {
  pid: number;
  atMs: number;
  tool: string;
  input: unknown;
  /** The subagent that asks; null: the conversation itself. */
  agent: string | null;
  /** What the program itself would remember for ever. */
  suggestions: unknown[];
}

/** What was seen of one session, source by source. Times are milliseconds since the epoch, null where it was not seen. */
export interface Signals {
  /** The live status file of this very process; null where the version keeps none, or it is not there yet. */
  status: { state: string; waitingFor: string | null; sinceMs: number; version: string | null } | null;
  hooks: {
    startedMs: number | null;
    promptMs: number | null;
    stopMs: number | null;
    failure: (Failure & { atMs: number }) | null;
    /** Shells and agents that the turn left running. */
    background: string[];
  };
  transcript: Folded;
  /** Oldest first. The first is the one on the screen. */
  asks: Ask[];
  /** When its status file last said that it waits. */
  waitedMs: number | null;
  /** An answer of ours went in: until the status file tells of what came of it, "waiting" is what was before. */
  answeredMs: number | null;
  /** The launch carried a prompt; when it was first looked at. */
  start: { atMs: number } | null;
  /** What is open on the screen, as far as it was read. */
  dialog: Dialog | null;
  /** When the screen last began to say that it tries again after an error of the API; null: it does not. */
  retryMs: number | null;
  /** What the screen showed when nothing better told: whether its input box was there. */
  screen: { shows: "box" | "working" | "dialog" | "nothing"; atMs: number } | null;
}

export const noSignals = (transcript: Folded): Signals => ({
  status: null,
  hooks: { startedMs: null, promptMs: null, stopMs: null, failure: null, background: [] },
  transcript,
  asks: [],
  waitedMs: null,
  answeredMs: null,
  start: null,
  dialog: null,
  retryMs: null,
  screen: null,
});
