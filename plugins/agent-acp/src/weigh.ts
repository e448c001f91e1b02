import type { Activity } from "@agent-orchestrator/core/model/activity";
import { oneLine } from "@agent-orchestrator/core/model/text";
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
  /** After this long, ready becomes idle. */
  readyThresholdMs: number;
}

/**
 * The activity for a host's state. There is only one source: the host has the other end of the protocol, and the runtime reports a
 * process that has ended.
 */
export function weigh(state: HostState & { toolSince?: string | null }, { nowMs, readyThresholdMs }: Moment): Activity {
  const isIdle = state.phase === "ready" && nowMs - at(state.since) >= readyThresholdMs;
  return {
    state: isIdle ? "idle" : STATES[state.phase],
    since: state.since,
    source: "protocol",
    evidence: isIdle ? `idle since ${state.since}` : state.evidence,
    ...(state.thread === null ? {} : { thread: state.thread }),
    ...(state.tool === null ? {} : { tool: state.tool }),
    ...(state.tool === null || !state.toolSince ? {} : { toolSince: state.toolSince }),
    ...(state.dialog === null ? {} : { question: oneLine(state.dialog.text), dialog: state.dialog }),
    ...(state.failure === undefined ? {} : { failure: state.failure }),
    ...(state.phase === "limited" ? { limit: { resetsAt: null } } : {}),
  };
}

/** When ready becomes idle by itself, or null if it doesn't. */
export function idleAt(state: HostState, readyThresholdMs: number): string | null {
  return state.phase === "ready" ? toIso(at(state.since) + readyThresholdMs) : null;
}
