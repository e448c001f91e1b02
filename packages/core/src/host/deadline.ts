import { AoError } from "../model/errors.ts";
import type { Clock } from "../slots/common.ts";
import { type Joined, joinSignals } from "./signals.ts";

export interface Deadline {
  clock: Clock;
  ms: number;
  /** How long the work may take to end by itself after the deadline or the caller's abort. */
  graceMs?: number;
  signal: AbortSignal;
  late: () => AoError;
}

/**
 * Returns what `work` returns. Rejects with `late()` when the time is up, and with the signal's reason when the caller
 * gives up. Work that ignores its signal is abandoned.
 */
export async function withDeadline<T>(work: (signal: AbortSignal) => Promise<T>, limits: Deadline): Promise<T> {
  limits.signal.throwIfAborted();
  const given = joinSignals(limits.signal);
  const over = joinSignals();
  try {
    return await Promise.race([work(given.signal), expire(limits, given, over.signal)]);
  } finally {
    over.abort();
    given.release();
  }
}

async function expire(limits: Deadline, given: Joined, over: AbortSignal): Promise<never> {
  const { clock, ms, graceMs = 0, signal, late } = limits;
  const waiting = joinSignals(signal, over);
  let reason: unknown = null;
  try {
    await clock.sleep(ms, waiting.signal);
    reason = late();
    given.abort(reason);
  } catch {
    // The caller gave up first, or the work is done and nothing listens here any more.
  } finally {
    waiting.release();
  }
  if (!over.aborted && graceMs > 0) await clock.sleep(graceMs, over).catch(() => undefined); // it ended by itself
  signal.throwIfAborted();
  throw reason ?? over.reason;
}

export interface Asking {
  /** What is asked, for the error's message: "tmux", "the scm". */
  whom: string;
  timeoutMs: number;
  clock: Clock;
  /** The caller gives up: it hung up, or the daemon is stopping. */
  signal: AbortSignal;
}

/** What a plugin answers. Rejects with UNREACHABLE when the time is up, and with the signal's reason when the caller gives up. */
export function answerWithin<T>(question: (signal: AbortSignal) => Promise<T>, asking: Asking): Promise<T> {
  const { whom, timeoutMs, clock, signal } = asking;
  const late = () => new AoError("UNREACHABLE", `${whom} did not answer within ${timeoutMs / 1000} s`);
  return withDeadline(question, { clock, ms: timeoutMs, signal, late });
}
