import { z } from "zod";

const PerMillion = z.number().min(0).max(1_000_000);

/** Dollars per million tokens. A kind without a price is unknown, not free. */
export const PriceInput = z.strictObject({
  input: PerMillion.describe("USD per million tokens that were not read from a cache."),
  output: PerMillion.describe("USD per million output tokens, including thinking."),
  cacheRead: PerMillion.optional().describe("USD per million tokens read from a cache. If absent, unknown."),
  cacheWrite: PerMillion.optional().describe("USD per million tokens written to a cache. If absent, unknown."),
});
export type PriceInput = z.infer<typeof PriceInput>;

/** By model: its whole name or the beginning of it. The longest match counts. */
export const PricesInput = z.record(z.string().min(1).max(200), PriceInput);
export type Prices = z.infer<typeof PricesInput>;
