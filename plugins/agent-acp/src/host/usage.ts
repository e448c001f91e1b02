import { addToModel, type Counts, NO_TOKENS } from "@agent-orchestrator/agent-kit/tokens";
import type { ModelUsage, UsageReport } from "@agent-orchestrator/core/model/usage";

/** The token counts of one turn, which agents add to a prompt's response (not yet part of the protocol). */
export interface TurnUsage {
  inputTokens?: unknown;
  outputTokens?: unknown;
  thoughtTokens?: unknown;
  cachedReadTokens?: unknown;
  cachedWriteTokens?: unknown;
}

export interface UsageMeter {
  /** What the conversation has used, or null if nothing was reported so far. */
  report(): UsageReport | null;
  addTurn(model: string | null, usage: TurnUsage | null | undefined): boolean;
  /** Dollars of the whole conversation so far. */
  setCost(model: string | null, cost: { amount?: unknown; currency?: unknown } | null | undefined): boolean;
}

const count = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;

/** Continues from what an earlier host counted for the same conversation. */
export function usageMeter(key: string, before: UsageReport | null): UsageMeter {
  const tokens = new Map<string | null, Counts>(before?.models.map(({ model, tokens }) => [model, tokens]) ?? []);
  let usd = before?.models.reduce<number | null>(
    (sum, each) => (each.usd === null ? sum : (sum ?? 0) + each.usd),
    null,
  );

  function report(): UsageReport | null {
    if (tokens.size === 0) return null;
    const rows = [...tokens];
    // The agent reports dollars only for the whole conversation. They are attributed to the last model used.
    const models = rows.map(
      ([model, counts], at): ModelUsage => ({
        model,
        tokens: counts,
        usd: at === rows.length - 1 ? (usd ?? null) : null,
      }),
    );
    return { key, models };
  }

  return {
    report,
    addTurn(model, usage) {
      const turn: Counts = {
        input: count(usage?.inputTokens),
        output: count(usage?.outputTokens) + count(usage?.thoughtTokens),
        cacheRead: count(usage?.cachedReadTokens),
        cacheWrite: count(usage?.cachedWriteTokens),
      };
      if (Object.values(turn).every((each) => each === 0)) return false;
      addToModel(tokens, model, turn);
      return true;
    },
    setCost(model, cost) {
      const amount = cost?.currency === "USD" && typeof cost.amount === "number" ? cost.amount : null;
      if (amount === null || amount < 0 || amount === usd) return false;
      usd = amount;
      if (tokens.size === 0) tokens.set(model, NO_TOKENS);
      return true;
    },
  };
}
