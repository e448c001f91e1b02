import { ERROR_CODES } from "../../model/errors.ts";
import type { Failure } from "../../model/fact.ts";
import type { ScmFailure } from "../../model/pull-request.ts";
import { type Iso, toIso } from "../../model/time.ts";

const FIRST_MS = 30_000;
const LONGEST_MS = 15 * 60_000;
/** After a quarter of an hour it is more than a hiccup, and the user is told. */
const PATIENCE = 6;

/** When to try again what failed for the time being, such as at a rate limit. Null for what trying does not help. */
export function tryAgainAt(failure: Failure, attempts: number, nowMs: number): Iso | null {
  if (!ERROR_CODES[failure.code].retry) return null;
  return toIso(nowMs + Math.min(FIRST_MS * 2 ** (attempts - 1), LONGEST_MS));
}

/** It failed for the time being, and nobody need do anything about it yet. */
export const isHiccup = ({ retryAt, isTriedAgain, attempts = 1 }: ScmFailure): boolean =>
  (retryAt != null || isTriedAgain === true) && attempts < PATIENCE;
