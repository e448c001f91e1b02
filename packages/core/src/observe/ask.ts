import { withDeadline } from "../host/deadline.ts";
import { AoError, toAoError } from "../model/errors.ts";
import type { Failure } from "../model/fact.ts";
import type { Clock } from "../slots/common.ts";

/** An answer, or the failure to get one. Both are facts. */
export type Seen<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export interface AskOptions {
  /** What is asked, for the failure's message: "tmux", "the scm". */
  whom: string;
  timeoutMs: number;
  clock: Clock;
  signal: AbortSignal;
}

/** Asks a plugin with a deadline. Rejects only if our own caller gave up, which is not an observation. */
export async function ask<T>(question: (signal: AbortSignal) => Promise<T>, options: AskOptions): Promise<Seen<T>> {
  const { whom, timeoutMs, clock, signal } = options;
  const late = () => new AoError("UNREACHABLE", `${whom} did not answer within ${timeoutMs / 1000} s`);
  try {
    return { ok: true, value: await withDeadline(question, { clock, ms: timeoutMs, signal, late }) };
  } catch (error) {
    signal.throwIfAborted();
    const { code, message, hint } = toAoError(error);
    return { ok: false, failure: { code, message, ...(hint === undefined ? {} : { hint }) } };
  }
}
