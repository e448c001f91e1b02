import type { AoError } from "../model/errors.ts";
import type { Clock } from "../slots/common.ts";

export interface Deadline {
  clock: Clock;
  ms: number;
  /** After the deadline or the caller's abort, the work has this long to end by itself. */
  graceMs?: number;
  signal: AbortSignal;
  late: () => AoError;
}

/**
 * Answers what `work` answers. Rejects with `late()` when the time is up and with the signal's reason when the caller
 * gives up; work that does not listen to its signal is left behind.
 */
export async function withDeadline<T>(work: (signal: AbortSignal) => Promise<T>, limits: Deadline): Promise<T> {
  limits.signal.throwIfAborted();
  const expired = new AbortController();
  const over = new AbortController();
  try {
    const done = work(AbortSignal.any([limits.signal, expired.signal]));
    return await Promise.race([done, expire(limits, expired, over.signal)]);
  } finally {
    over.abort();
  }
}

async function expire(limits: Deadline, expired: AbortController, over: AbortSignal): Promise<never> {
  const { clock, ms, graceMs = 0, signal, late } = limits;
  try {
    await clock.sleep(ms, AbortSignal.any([signal, over]));
    expired.abort(late());
  } catch {
    // The caller gave up first, or the work is done and nobody listens here any more.
  }
  if (!over.aborted && graceMs > 0) await clock.sleep(graceMs, over).catch(() => undefined); // it ended by itself
  signal.throwIfAborted();
  throw expired.signal.aborted ? expired.signal.reason : new Error("nobody waits any more");
}
