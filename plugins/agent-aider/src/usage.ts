import { addToModel, type Counts } from "@agent-orchestrator/agent-kit/tokens";
import type { UsageReport } from "@agent-orchestrator/core/model/usage";
import type { UsageLine } from "./usage-line.ts";

/** What one run of aider used, by model. It counts from zero at each start, so each start has its own key. */
export class UsageOfRun {
  readonly #key: string;
  readonly #models = new Map<string | null, Counts>();
  #usd: number | null = null;
  /** What earlier models of this run cost, because aider reports the sum of all. */
  #usdBefore = 0;
  readonly #usdOf = new Map<string | null, number>();
  #model: string | null = null;

  constructor(key: string) {
    this.#key = key;
  }

  setModel(name: string): void {
    if (name === this.#model) return;
    this.#usdBefore = this.#usd ?? 0;
    this.#model = name;
  }

  add({ sent, cacheWrite, cacheHit, received, sessionUsd }: UsageLine): void {
    // "sent" includes everything.
    const input = Math.max(0, sent - cacheHit - cacheWrite);
    addToModel(this.#models, this.#model, { input, output: received, cacheRead: cacheHit, cacheWrite });
    if (sessionUsd === null) return;
    this.#usd = sessionUsd;
    const own = (this.#usdOf.get(this.#model) ?? 0) + Math.max(0, sessionUsd - this.#usdBefore);
    this.#usdOf.set(this.#model, own);
    this.#usdBefore = sessionUsd;
  }

  /** Null if nothing was used yet. */
  report(): UsageReport | null {
    if (this.#models.size === 0) return null;
    const models = [...this.#models].map(([model, tokens]) => ({
      model,
      tokens,
      usd: this.#usdOf.has(model) ? round(this.#usdOf.get(model) ?? 0) : null,
    }));
    return { key: this.#key, models };
  }
}

const round = (usd: number): number => Math.round(usd * 1e6) / 1e6;
