import { Refusal } from "./failure.ts";

export interface LimitOptions {
  /** Requests in an hour. */
  core?: number;
  /** Points in an hour. */
  graphql?: number;
  /** Searches in a minute. */
  search?: number;
  /** Requests in an hour without credentials. */
  anonymous?: number;
  /** `false` switches secondary limits off. */
  secondary?: boolean;
}

export type Resource = "core" | "graphql" | "search";

export interface Bucket {
  resource: Resource;
  limit: number;
  used: number;
  /** Milliseconds since the epoch. */
  resetAt: number;
}

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** GitHub's published secondary limits: points in a minute for each of both APIs, and new content in a minute. */
const POINTS = { rest: 900, graphql: 2_000, content: 80 };

interface Spent {
  at: number;
  points: number;
}

/** Counts what each user spends, as GitHub does: all tokens of one person share one budget. */
export class Limits {
  readonly options: Required<LimitOptions>;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  readonly #recent = new Map<string, Spent[]>();

  constructor(now: () => number, options: LimitOptions = {}) {
    this.#now = now;
    this.options = { core: 5_000, graphql: 5_000, search: 30, anonymous: 60, secondary: true, ...options };
  }

  bucket(key: string, resource: Resource): Bucket {
    const name = `${key} ${resource}`;
    const known = this.#buckets.get(name);
    if (known !== undefined && known.resetAt > this.#now()) return known;
    const limit = key === "anonymous" && resource === "core" ? this.options.anonymous : this.options[resource];
    const span = resource === "search" ? MINUTE : HOUR;
    const fresh = { resource, limit, used: 0, resetAt: Math.ceil((this.#now() + span) / 1000) * 1000 };
    this.#buckets.set(name, fresh);
    return fresh;
  }

  /** Leaves only so much of a budget. */
  leave(key: string, resource: Resource, remaining: number): void {
    const bucket = this.bucket(key, resource);
    bucket.used = bucket.limit - remaining;
  }

  isSpent({ used, limit }: Bucket): boolean {
    return used >= limit;
  }

  /** Counts points of the last minute. Throws the secondary limit's refusal when there are too many. */
  hurry(key: string, { kind, points }: { kind: keyof typeof POINTS; points: number }): void {
    if (!this.options.secondary) return;
    const name = `${key} ${kind}`;
    const recent = (this.#recent.get(name) ?? []).filter(({ at }) => at > this.#now() - MINUTE);
    recent.push({ at: this.#now(), points });
    this.#recent.set(name, recent);
    if (recent.reduce((sum, one) => sum + one.points, 0) > POINTS[kind]) throw secondaryLimit(60);
  }
}

export function headersOf({ resource, limit, used, resetAt }: Bucket): Record<string, string> {
  return {
    "x-ratelimit-limit": String(limit),
    "x-ratelimit-remaining": String(Math.max(0, limit - used)),
    "x-ratelimit-used": String(used),
    "x-ratelimit-reset": String(Math.floor(resetAt / 1000)),
    "x-ratelimit-resource": resource,
  };
}

export function secondaryLimit(seconds: number, status: 403 | 429 = 403): Refusal {
  const message =
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. For more on scraping GitHub and how it may affect your rights, please review our Terms of Service (https://docs.github.com/en/site-policy/github-terms/github-terms-of-service)";
  return new Refusal(status, message, {
    headers: { "retry-after": String(seconds) },
    documentation:
      "https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
  });
}

export function primaryLimit(who: string): Refusal {
  return new Refusal(
    403,
    `API rate limit exceeded for ${who}. If you reach out to GitHub Support for help, please include the request ID.`,
    {
      documentation: "https://docs.github.com/rest/overview/resources-in-the-rest-api#rate-limiting",
      type: "RATE_LIMITED",
    },
  );
}
