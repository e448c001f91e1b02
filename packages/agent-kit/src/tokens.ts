import type { UsageReport } from "@agent-orchestrator/core/model/usage";

/** Tokens by kind. */
export type Counts = Record<(typeof KINDS)[number], number>;

const KINDS = ["input", "output", "cacheRead", "cacheWrite"] as const;
/** Nothing used. */
export const NO_TOKENS: Readonly<Counts> = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

/** `sum` and `more`, without `less`, which was already counted for the same answer. */
export function addTokens(sum: Counts | null | undefined, more: Counts, less: Counts = NO_TOKENS): Counts {
  const before = sum ?? NO_TOKENS;
  const of = (kind: keyof Counts): number => before[kind] + more[kind] - less[kind];
  return { input: of("input"), output: of("output"), cacheRead: of("cacheRead"), cacheWrite: of("cacheWrite") };
}

/** Adds to what one model has used. The model that was used last is at the end. */
export function addToModel<M>(models: Map<M, Counts>, model: M, more: Counts): void {
  const sum = addTokens(models.get(model), more);
  models.delete(model);
  models.set(model, sum);
}

/** A growth that is reported at once, because a limit must be found out in time: by this many tokens and by this share of what was reported. */
const GREW_TOKENS = 2_000;
const GREW_SHARE = 0.05;

/** Whether tokens of any kind, all of them together, or dollars have grown much since the report before. */
export function hasGrownMuch(told: UsageReport | null, usage: UsageReport): boolean {
  if (told === null || told.key !== usage.key) return true;
  const before = sumsOf(told);
  const now = sumsOf(usage);
  const isMuch = now.tokens.some((sum, index) => {
    const known = before.tokens[index] ?? 0;
    return sum - known >= Math.max(GREW_TOKENS, known * GREW_SHARE);
  });
  return isMuch || now.usd > before.usd * (1 + GREW_SHARE);
}

function sumsOf({ models }: UsageReport): { tokens: number[]; usd: number } {
  const kinds = KINDS.map((kind) => models.reduce((sum, { tokens }) => sum + tokens[kind], 0));
  const all = kinds.reduce((sum, kind) => sum + kind, 0);
  return { tokens: [...kinds, all], usd: models.reduce((sum, { usd }) => sum + (usd ?? 0), 0) };
}
