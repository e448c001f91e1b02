import { z } from "zod";
import { ModelUsage } from "./usage.ts";

/** Sums and differences of tokens by kind. */
export const Kinds = z.looseObject({
  input: z.number(),
  output: z.number(),
  cacheRead: z.number(),
  cacheWrite: z.number(),
});
export type Kinds = z.infer<typeof Kinds>;

/** What one model has used, over any number of conversations. */
export const ModelSum = z.looseObject({
  /** null: nobody knows which. */
  model: z.string().nullable(),
  tokens: Kinds,
  /** Dollars that agents told. */
  usd: z.number(),
  /** The part of `tokens` for which no agent told dollars: only a price table can. */
  bare: Kinds,
});
export type ModelSum = z.infer<typeof ModelSum>;

/** Sums by model, in the order of their names; a model is there once. */
export const Tally = z.array(ModelSum);
export type Tally = z.infer<typeof Tally>;

/** The last report of one conversation. */
export const KeptReport = z.looseObject({ id: z.string(), models: z.array(ModelUsage) });
export type KeptReport = z.infer<typeof KeptReport>;

/** What the sessions of one project have used; kept when sessions are archived. */
export const ProjectSpend = z.looseObject({
  /** `{instanceId}-{projectId}` */
  key: z.string(),
  instanceId: z.string(),
  projectId: z.string(),
  total: Tally,
  /** The last day on which something was used, `2026-01-31`, and what was used on it by how many sessions. */
  day: z.string(),
  today: Tally,
  sessionsToday: z.number().int(),
});
export type ProjectSpend = z.infer<typeof ProjectSpend>;

/** What a tally comes to. */
export const Cost = z.looseObject({
  /** null: some of it has no price. Never a guess. */
  usd: z.number().nullable(),
  /** Dollars of the part that has one. */
  knownUsd: z.number(),
  /** Uncached: input, output and what was written to a cache. */
  tokens: z.number(),
  kinds: Kinds,
  /** Models without a price, where tokens were used. */
  unpriced: z.array(z.string()),
});
export type Cost = z.infer<typeof Cost>;
