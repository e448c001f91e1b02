import { z } from "zod";

/** Tokens by kind. `input` is what was not read from a cache. */
export const TokenCounts = z.looseObject({
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  cacheRead: z.number().nonnegative(),
  cacheWrite: z.number().nonnegative(),
});
export type TokenCounts = z.infer<typeof TokenCounts>;

export const ModelUsage = z.looseObject({
  model: z.string().nullable(),
  tokens: TokenCounts,
  /** Dollars, only where the agent itself tells them. */
  usd: z.number().nonnegative().nullable(),
});
export type ModelUsage = z.infer<typeof ModelUsage>;

/**
 * What one conversation (or one run of a program that counts anew with each run) has used in all so far. Cumulative: a later report of
 * the same key replaces the earlier one, so that nothing is counted twice.
 */
export const UsageReport = z.looseObject({ key: z.string(), models: z.array(ModelUsage) });
export type UsageReport = z.infer<typeof UsageReport>;
