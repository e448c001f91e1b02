/** Linear's documented limits of a personal key, per hour, and of one query. */
export const STANDARD_LIMITS = { requests: 2_500, complexity: 3_000_000, query: 10_000 };
export type LimitOptions = Partial<typeof STANDARD_LIMITS>;

const HOUR_MS = 3_600_000;

/** Leaky buckets of each user: what was used comes back at a constant rate. */
export class Limits {
  readonly #limits: typeof STANDARD_LIMITS;
  readonly #now: () => number;
  readonly #used = new Map<string, { amount: number; at: number }>();

  constructor(now: () => number, options: LimitOptions = {}) {
    this.#limits = { ...STANDARD_LIMITS, ...options };
    this.#now = now;
  }

  get query(): number {
    return this.#limits.query;
  }

  /** Takes one request of this complexity, or neither. */
  take(user: string, complexity: number): boolean {
    const isRoom = this.#usedBy(user, "requests") + 1 <= this.#limits.requests;
    if (!isRoom || this.#usedBy(user, "complexity") + complexity > this.#limits.complexity) return false;
    this.#use(user, "requests", 1);
    this.#use(user, "complexity", complexity);
    return true;
  }

  headers(user: string, complexity: number): Record<string, string> {
    const of = (kind: "requests" | "complexity") => {
      const [used, limit] = [this.#usedBy(user, kind), this.#limits[kind]];
      const name = kind === "requests" ? "x-ratelimit-requests" : "x-ratelimit-complexity";
      return {
        [`${name}-limit`]: String(limit),
        [`${name}-remaining`]: String(Math.max(0, Math.floor(limit - used))),
        // Milliseconds, unlike those of other services.
        [`${name}-reset`]: String(Math.ceil(this.#now() + (used / limit) * HOUR_MS)),
      };
    };
    return { ...of("requests"), ...of("complexity"), "x-complexity": String(complexity) };
  }

  #usedBy(user: string, kind: "requests" | "complexity"): number {
    const used = this.#used.get(`${kind} ${user}`);
    if (used === undefined) return 0;
    return Math.max(0, used.amount - ((this.#now() - used.at) / HOUR_MS) * this.#limits[kind]);
  }

  #use(user: string, kind: "requests" | "complexity", amount: number): void {
    this.#used.set(`${kind} ${user}`, { amount: this.#usedBy(user, kind) + amount, at: this.#now() });
  }
}
