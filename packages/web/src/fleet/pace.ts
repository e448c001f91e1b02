import type { LoggedEvent } from "@agent-orchestrator/core/protocol/results";

export interface Pace {
  merged: number;
  /** From the pull request to its merge, in milliseconds. Null if nothing was merged. */
  medianMergeMs: number | null;
  /** Results of CI for each merged pull request. */
  ciRounds: number | null;
  /** Questions for each session. */
  questions: number | null;
}

const CI = new Set(["ci.failing", "ci.passing"]);

/** How fast the work goes, by what the log says. */
export function paceOf(events: readonly LoggedEvent[]): Pace {
  const opened = new Map<string, number>();
  const rounds = new Map<string, number>();
  const sessions = new Set<string>();
  const times: number[] = [];
  const mergedRounds: number[] = [];
  let questions = 0;
  for (const { type, ts, sessionId } of events) {
    if (sessionId === null || sessionId === undefined) continue;
    sessions.add(sessionId);
    if (type === "pr.created") opened.set(sessionId, Date.parse(ts));
    if (CI.has(type)) rounds.set(sessionId, (rounds.get(sessionId) ?? 0) + 1);
    if (type === "session.needs_input") questions += 1;
    if (type !== "pr.merged") continue;
    mergedRounds.push(rounds.get(sessionId) ?? 0);
    const begin = opened.get(sessionId);
    if (begin !== undefined) times.push(Date.parse(ts) - begin);
  }
  return {
    merged: mergedRounds.length,
    medianMergeMs: median(times),
    ciRounds: mean(mergedRounds),
    questions: sessions.size === 0 ? null : questions / sessions.size,
  };
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  const next = sorted[Math.ceil((sorted.length - 1) / 2)];
  return middle === undefined || next === undefined ? null : (middle + next) / 2;
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, each) => sum + each, 0) / values.length;
