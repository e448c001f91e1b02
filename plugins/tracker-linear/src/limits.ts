import { AoError } from "@agent-orchestrator/core/model/errors";
import { retryAfterMs } from "@agent-orchestrator/plugin-kit/http/retry";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** This part of each limit is left to the user's other tools. */
const RESERVED = 0.1;

interface Bucket {
  limit: number;
  remaining: number;
  atMs: number;
}

export interface Limits {
  /** How long the next request must wait. */
  waitMs(): number;
  /** Learns from the headers of an answer. */
  learn(headers: Headers): void;
  /** Linear refused for its limits. Returns how long to wait. */
  refused(headers: Headers): number;
}

/**
 * Linear's limits of requests and of complexity, as its answers tell them. Both are leaky buckets: what was used comes back at a constant
 * rate, all of it within an hour.
 */
export function createLimits(nowMs: () => number): Limits {
  const buckets = new Map<string, Bucket>();
  let blockedUntilMs = 0;
  let refusals = 0;

  const number = (headers: Headers, name: string): number | null => {
    const value = headers.get(`x-ratelimit-${name}`) ?? "";
    return /^\d{1,15}$/.test(value) ? Number(value) : null;
  };
  function note(headers: Headers): void {
    for (const kind of ["requests", "complexity"]) {
      const [limit, remaining] = [number(headers, `${kind}-limit`), number(headers, `${kind}-remaining`)];
      if (limit !== null && remaining !== null && limit > 0) buckets.set(kind, { limit, remaining, atMs: nowMs() });
    }
  }
  const bucketWaitMs = ({ limit, remaining, atMs }: Bucket): number => {
    const perMs = limit / HOUR_MS;
    const missing = limit * RESERVED - (remaining + (nowMs() - atMs) * perMs);
    return missing < 0 ? 0 : Math.ceil((missing + 1) / perMs);
  };

  return {
    waitMs: () => Math.max(0, blockedUntilMs - nowMs(), ...[...buckets.values()].map(bucketWaitMs)),
    learn(headers) {
      note(headers);
      refusals = 0;
    },
    refused(headers) {
      note(headers);
      // Its reset is when all of it is there again. That is more than one request needs.
      const usualMs = Math.min(MINUTE_MS * 2 ** refusals, HOUR_MS);
      refusals += 1;
      const waitMs = retryAfterMs(headers, nowMs()) ?? usualMs;
      blockedUntilMs = Math.max(blockedUntilMs, nowMs() + waitMs);
      return waitMs;
    },
  };
}

/** The error of a request that was refused, or not sent, for the limits. */
export function limitedError(what: string, waitMs: number): AoError {
  const seconds = Math.ceil(waitMs / 1000);
  const time = seconds > 120 ? `${Math.ceil(seconds / 60)} min` : `${seconds} s`;
  return new AoError("TRY_AGAIN", `could not ${what}: Linear's limit is used up for another ${time}`, {
    hint: "ao asks again by itself. A part of the limit is left to your other tools.",
    details: { retryAfterMs: waitMs },
  });
}
