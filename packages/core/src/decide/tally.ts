import type { Prices } from "../model/prices.ts";
import type { Cost, Kinds, ModelSum, Tally } from "../model/spend.ts";
import type { ModelUsage } from "../model/usage.ts";

/** Sums of tokens and dollars by model, and what they come to. */

const KINDS = ["input", "output", "cacheRead", "cacheWrite"] as const;
/** Models that are told apart in one tally; what is beyond counts under no name. */
const MAX_MODELS = 40;

const NOTHING: Kinds = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

export const allOf = (kinds: Kinds): number => KINDS.reduce((sum, kind) => sum + kinds[kind], 0);
/** What the vendor had to work through: reading from a cache is cheap and repeats with every call. */
export const uncachedOf = ({ input, output, cacheWrite }: Kinds): number => input + output + cacheWrite;

function addKinds(a: Kinds, b: Kinds, sign: 1 | -1 = 1): Kinds {
  const [input, output, cacheRead, cacheWrite] = KINDS.map((kind) => a[kind] + sign * b[kind]) as [
    number,
    number,
    number,
    number,
  ];
  return { input, output, cacheRead, cacheWrite };
}

/** Where an agent tells dollars for a model, they are for all its tokens. */
function sumOf({ model, tokens, usd }: ModelUsage): ModelSum {
  const kinds = addKinds(NOTHING, tokens);
  return { model, tokens: kinds, usd: usd ?? 0, bare: usd === null ? kinds : NOTHING };
}

export const tallyOf = (models: readonly ModelUsage[]): Tally => addTallies([], models.map(sumOf));

/** `b` added to `a`, or taken from it. */
export function addTallies(a: readonly ModelSum[], b: readonly ModelSum[], sign: 1 | -1 = 1): Tally {
  const sums = new Map<string | null, ModelSum>();
  const put = (one: ModelSum, by: 1 | -1): void => {
    const isOneTooMany = !sums.has(one.model) && sums.size >= MAX_MODELS;
    const model = isOneTooMany ? null : one.model;
    const known = sums.get(model) ?? { model, tokens: NOTHING, usd: 0, bare: NOTHING };
    sums.set(model, {
      model,
      tokens: addKinds(known.tokens, one.tokens, by),
      usd: known.usd + by * one.usd,
      bare: addKinds(known.bare, one.bare, by),
    });
  };
  for (const one of a) put(one, 1);
  for (const one of b) put(one, sign);
  return [...sums.values()].filter((one) => !isNothing(one)).sort((x, y) => compare(x.model ?? "", y.model ?? ""));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Differences of dollars leave dust behind. */
const isNothing = ({ tokens, usd, bare }: ModelSum): boolean =>
  KINDS.every((kind) => tokens[kind] === 0 && bare[kind] === 0) && Math.abs(usd) < 1e-9;

export const kindsOf = (tally: Tally): Kinds => tally.reduce((sum, { tokens }) => addKinds(sum, tokens), NOTHING);

/** Dollars that agents told, and those that the price table gives for the rest. */
export function costOf(tally: Tally, prices: Prices = {}): Cost {
  const kinds = kindsOf(tally);
  const unpriced: string[] = [];
  let knownUsd = 0;
  for (const { model, usd, bare } of tally) {
    const priced = priceOf(bare, priceFor(model, prices));
    knownUsd += usd + (priced ?? 0);
    if (priced === null) unpriced.push(model ?? "unknown model");
  }
  return { usd: unpriced.length === 0 ? knownUsd : null, knownUsd, tokens: uncachedOf(kinds), kinds, unpriced };
}

/** By its whole name, else by the longest beginning of it. */
function priceFor(model: string | null, prices: Prices): Prices[string] | null {
  if (model === null) return null;
  const names = Object.keys(prices).filter((name) => model.startsWith(name));
  const [best] = names.sort((a, b) => b.length - a.length);
  return best === undefined ? null : (prices[best] ?? null);
}

/** null: some of these tokens have no price. */
function priceOf(tokens: Kinds, price: Prices[string] | null): number | null {
  let usd = 0;
  for (const kind of KINDS) {
    if (tokens[kind] === 0) continue;
    const perMillion = price?.[kind];
    if (perMillion === undefined) return null;
    usd += (tokens[kind] * perMillion) / 1_000_000;
  }
  return usd;
}

export const addCosts = (costs: readonly Cost[]): Cost => ({
  usd: costs.reduce<number | null>((sum, { usd }) => (sum === null || usd === null ? null : sum + usd), 0),
  knownUsd: costs.reduce((sum, { knownUsd }) => sum + knownUsd, 0),
  tokens: costs.reduce((sum, { tokens }) => sum + tokens, 0),
  kinds: costs.reduce((sum, { kinds }) => addKinds(sum, kinds), NOTHING),
  unpriced: [...new Set(costs.flatMap(({ unpriced }) => unpriced))],
});
