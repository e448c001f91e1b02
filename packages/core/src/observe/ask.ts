import { AoError, toAoError } from "../model/errors.ts";
import type { Failure } from "../model/fact.ts";

/** An answer, or the failure to answer: both are facts. */
export type Seen<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export interface AskOptions {
  /** What is asked, for the failure's sentence: "tmux", "the scm". */
  whom: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/** Asks a plugin with a deadline. Rejects only when our own caller gave up: that is not an observation. */
export async function ask<T>(question: (signal: AbortSignal) => Promise<T>, options: AskOptions): Promise<Seen<T>> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const late = new Promise<never>((_, reject) => {
    deadline.addEventListener("abort", () => {
      reject(new AoError("UNREACHABLE", `${options.whom} did not answer within ${options.timeoutMs / 1000} s`));
    });
  });
  try {
    return { ok: true, value: await Promise.race([question(AbortSignal.any([deadline, options.signal])), late]) };
  } catch (error) {
    options.signal.throwIfAborted();
    const { code, message, hint } = toAoError(error);
    return { ok: false, failure: { code, message, ...(hint === undefined ? {} : { hint }) } };
  }
}
