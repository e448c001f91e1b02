import { type Asking, answerWithin } from "../host/deadline.ts";
import { toAoError } from "../model/errors.ts";
import type { Failure } from "../model/fact.ts";

/** An answer, or the failure to get one. Both are facts. */
export type Seen<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/** Asks a plugin with a deadline. Rejects only if our own caller gave up, which is not an observation. */
export async function ask<T>(question: (signal: AbortSignal) => Promise<T>, asking: Asking): Promise<Seen<T>> {
  try {
    return { ok: true, value: await answerWithin(question, asking) };
  } catch (error) {
    asking.signal.throwIfAborted();
    const { code, message, hint } = toAoError(error);
    return { ok: false, failure: { code, message, ...(hint === undefined ? {} : { hint }) } };
  }
}
