import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import type { Failure } from "./transcript/failure.ts";
import type { Folded } from "./transcript/fold.ts";

/** A request that waits at its hook's pipe. */
export interface Ask {
  pid: number;
  atMs: number;
  tool: string;
  input: unknown;
  /** The subagent that asks, or null for the conversation itself. */
  agent: string | null;
  /** What the program itself would remember permanently. */
  suggestions: unknown[];
}

/** What was seen of one session, by source. Times are milliseconds since the epoch, or null if it was not seen. */
export interface Signals {
  /** The live status file of this very process. Null if the version has none, or it does not exist yet. */
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
  /** When its status file last reported that it waits. */
  waitedMs: number | null;
  /** When we answered. Until the status file shows the result, its "waiting" is out of date. */
  answeredMs: number | null;
  /** The launch had a prompt. When it was first looked at. */
  start: { atMs: number } | null;
  /** What is open on the screen, as far as it could be read. */
  dialog: Dialog | null;
  /** When the screen started to say that it retries after an API error, or null. */
  retryMs: number | null;
  /** Whether the screen showed an input box, in the absence of better sources. */
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

/** When the last prompt was taken. 0: none was seen. */
export const turnBegunMs = ({ hooks, transcript }: Signals): number =>
  Math.max(hooks.promptMs ?? 0, Date.parse(transcript.promptAt ?? "") || 0);
