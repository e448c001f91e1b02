import { oneLine } from "@agent-orchestrator/core/host/text";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import { at, toIso } from "@agent-orchestrator/core/model/time";
import type { HostState } from "./wire.ts";

const STATES = {
  starting: "active",
  busy: "active",
  asking: "waiting_input",
  limited: "limited",
  ready: "ready",
} as const satisfies Record<HostState["phase"], Activity["state"]>;

export interface Moment {
  nowMs: number;
  /** So long at rest, and ready is idle. */
  readyThresholdMs: number;
}

/**
 * The activity that a host's state means. There is one source only: the host has the other end of the protocol in its hands, and a
 * process that has gone is the runtime's to tell.
 */
export function activityOf(state: HostState, { nowMs, readyThresholdMs }: Moment): Activity {
  const isIdle = state.phase === "ready" && nowMs - at(state.since) >= readyThresholdMs;
  return {
    state: isIdle ? "idle" : STATES[state.phase],
    since: state.since,
    source: "protocol",
    evidence: isIdle ? `at rest since ${state.since}` : state.evidence,
    ...(state.thread === null ? {} : { thread: state.thread }),
    ...(state.tool === null ? {} : { tool: state.tool }),
    ...(state.dialog === null ? {} : { question: oneLine(state.dialog.text), dialog: state.dialog }),
    ...(state.failure === undefined ? {} : { failure: state.failure }),
    ...(state.phase === "limited" ? { limit: { resetsAt: null } } : {}),
  };
}

/** When ready turns idle by itself. null: it does not. */
export function idleAt(state: HostState, readyThresholdMs: number): string | null {
  return state.phase === "ready" ? toIso(at(state.since) + readyThresholdMs) : null;
}
