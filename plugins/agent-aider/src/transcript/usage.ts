import { addToModel, type Counts } from "@agent-orchestrator/agent-kit/tokens";
import type { UsageReport } from "@agent-orchestrator/core/model/usage";

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

/** `Tokens: 2.3k sent, 1.1k cache write, 500 cache hit, 120 received. Cost: $0.01 message, $0.02 session.` Aider rounds the counts. */
export interface UsageLine {
  sent: number;
  cacheWrite: number;
  cacheHit: number;
  received: number;
  /** The cost of this run of aider so far. Null if it knows no price for the model. */
  sessionUsd: number | null;
}

const TOKENS =
  /^Tokens: ([\d.]+[kM]?) sent(?:, ([\d.]+[kM]?) cache write)?(?:, ([\d.]+[kM]?) cache hit)?, ([\d.]+[kM]?) received\./;
const COST = /Cost: \$[\d.]+ message, \$([\d.]+) session\.$/;

/** Null if it is not such a line. The cost is on a separate line if both kinds of cache were used. */
export function parseUsageLine(line: string): UsageLine | null {
  const tokens = TOKENS.exec(line);
  const cost = COST.exec(line)?.[1];
  if (tokens === null && !(cost !== undefined && line.startsWith("Cost: "))) return null;
  const [, sent = "0", write = "0", hit = "0", received = "0"] = tokens ?? [];
  return {
    sent: toCount(sent),
    cacheWrite: toCount(write),
    cacheHit: toCount(hit),
    received: toCount(received),
    sessionUsd: cost === undefined ? null : Number(cost),
  };
}

function toCount(text: string): number {
  const factor = text.endsWith("k") ? 1_000 : text.endsWith("M") ? 1_000_000 : 1;
  return Math.round(Number.parseFloat(text) * factor);
}
