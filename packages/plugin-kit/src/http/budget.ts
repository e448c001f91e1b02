import { toIso } from "@agent-orchestrator/core/model/time";
import { retryAfterMs, serverNowMs } from "./retry.ts";

/** What a service said last about one of its quotas (`x-ratelimit-*`), and what we used of it. */
export interface Quota {
  resource: string;
  limit: number;
  remaining: number;
  resetAt: string;
  /** What is left to the user's other tools. */
  reserved: number;
}

export interface BudgetReport {
  quotas: Quota[];
  /** How long nothing is sent at all, because the service said so. */
  waitMs: number;
  /** Since the client was made. */
  requests: number;
  /** Of them, those answered 304, which most services do not count. */
  notModified: number;
  retries: number;
}

export interface Budget {
  /** How long a request for this resource must wait. 0 if it may be sent now. */
  waitMs(resource: string): number;
  /** Learns from an answer. `isRefusal`: it was not served because of a limit. */
  learn(answer: { resource: string; status: number; headers: Headers; body: string }): { isRefusal: boolean };
  count(what: "requests" | "notModified" | "retries"): void;
  report(): BudgetReport;
}

interface Known {
  limit: number;
  remaining: number;
  resetAtMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** GitHub's own words, in bodies of 403 and 429 without a header that says how long. */
const SECONDARY = /secondary rate limit|abuse detection/i;

/** Keeps `share` of each quota for others, and obeys what the service says about waiting. */
export function createBudget({ share, nowMs }: { share: number; nowMs(): number }): Budget {
  const known = new Map<string, Known>();
  const counts = { requests: 0, notModified: 0, retries: 0 };
  let blockedUntilMs = 0;
  let refusals = 0;

  const reservedOf = ({ limit }: Known): number => Math.floor(limit * share);

  function note(resource: string, headers: Headers): Known | null {
    const [limit, remaining, reset] = ["limit", "remaining", "reset"].map((name) => {
      const value = headers.get(`x-ratelimit-${name}`)?.trim() ?? "";
      return /^\d{1,12}$/.test(value) ? Number(value) : null;
    });
    if (limit == null || remaining == null || reset == null || limit === 0) return null;
    const name = headers.get("x-ratelimit-resource")?.trim() || resource;
    const resetAtMs = nowMs() + Math.min(Math.max(0, reset * 1000 - serverNowMs(headers, nowMs())), 24 * HOUR_MS);
    const before = known.get(name);
    // Answers may arrive in another order than they were made: within one window only the lowest counts.
    const isSameWindow = before !== undefined && Math.abs(before.resetAtMs - resetAtMs) < MINUTE_MS / 2;
    const fresh = { limit, remaining: isSameWindow ? Math.min(before.remaining, remaining) : remaining, resetAtMs };
    known.set(name, fresh);
    return fresh;
  }

  return {
    waitMs(resource) {
      const blockedMs = Math.max(0, blockedUntilMs - nowMs());
      const quota = known.get(resource);
      if (quota === undefined || quota.remaining > reservedOf(quota)) return blockedMs;
      return Math.max(blockedMs, quota.resetAtMs - nowMs());
    },
    learn({ resource, status, headers, body }) {
      const quota = note(resource, headers);
      if (status !== 403 && status !== 429) {
        if (status < 400) refusals = 0;
        return { isRefusal: false };
      }
      const asked = retryAfterMs(headers, nowMs());
      const isUsedUp = quota !== null && quota.remaining === 0;
      const isSecondary = SECONDARY.test(body);
      if (asked === null && !isUsedUp && !isSecondary && status !== 429) return { isRefusal: false };
      refusals += 1;
      // Without a time: a minute, then more each time, as GitHub asks.
      const untold = isUsedUp ? quota.resetAtMs - nowMs() : Math.min(MINUTE_MS * 2 ** (refusals - 1), HOUR_MS);
      blockedUntilMs = Math.max(blockedUntilMs, nowMs() + (asked ?? untold));
      return { isRefusal: true };
    },
    count(what) {
      counts[what] += 1;
    },
    report: () => ({
      ...counts,
      waitMs: Math.max(0, blockedUntilMs - nowMs()),
      quotas: [...known].map(([resource, quota]) => ({
        resource,
        limit: quota.limit,
        remaining: quota.remaining,
        resetAt: toIso(quota.resetAtMs),
        reserved: reservedOf(quota),
      })),
    }),
  };
}
