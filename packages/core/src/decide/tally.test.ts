import { expect, test } from "vitest";
import type { Prices } from "../model/prices.ts";
import type { ModelUsage } from "../model/usage.ts";
import { addTallies, costOf, tallyOf } from "./tally.ts";

const M = 1_000_000;
const tokens = (...counts: number[]) => {
  const [input = 0, output = 0, cacheRead = 0, cacheWrite = 0] = counts;
  return { input, output, cacheRead, cacheWrite };
};
const used = (model: string | null, usd: number | null = null, counts = tokens(M, M)): ModelUsage => ({
  model,
  usd,
  tokens: counts,
});
const PRICES: Prices = {
  big: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 4 },
  "big-mini": { input: 1, output: 2 },
};

test.each<[string, ModelUsage[], number | null, number, string[]]>([
  ["what the agent tells", [used("odd", 1.5)], 1.5, 1.5, []],
  ["the agent's word also where there is a price", [used("big", 1.5)], 1.5, 1.5, []],
  ["the price of the exact name", [used("big")], 18, 18, []],
  ["the price of the longest beginning", [used("big-mini-2026")], 3, 3, []],
  ["the price of a shorter beginning", [used("big-2026")], 18, 18, []],
  ["every kind by its own price", [used("big", null, tokens(M, M, M, M))], 22.3, 22.3, []],
  ["nothing without a price", [used("odd")], null, 0, ["odd"]],
  ["nothing for a kind without a price", [used("big-mini", null, tokens(M, M, M))], null, 0, ["big-mini"]],
  ["nothing for a model nobody knows", [used(null)], null, 0, ["unknown model"]],
  ["at least the part that has a price", [used("big"), used("odd")], null, 18, ["odd"]],
  ["nothing for no tokens", [used("odd", null, tokens(0))], 0, 0, []],
])("dollars are %s", (...[, models, usd, knownUsd, unpriced]) => {
  const cost = costOf(tallyOf(models), PRICES);
  expect(cost.usd === null ? null : cost.usd.toFixed(6)).toBe(usd === null ? null : usd.toFixed(6));
  expect([cost.knownUsd, cost.unpriced]).toEqual([expect.closeTo(knownUsd, 6), unpriced]);
});

test("tokens are those that were not read from a cache, and every kind is there", () => {
  const cost = costOf(tallyOf([used("big", null, tokens(1, 2, 1000, 4))]), PRICES);
  expect(cost).toMatchObject({ tokens: 7, kinds: { input: 1, output: 2, cacheRead: 1000, cacheWrite: 4 } });
});

test("what was added and taken away again leaves nothing", () => {
  const one = tallyOf([used("a", 0.1), used("b")]);
  const both = addTallies(one, tallyOf([used("a", 0.2)]));
  expect(addTallies(both, both, -1)).toEqual([]);
  expect(addTallies(both, tallyOf([used("a", 0.2)]), -1)).toEqual([
    { ...one[0], usd: expect.closeTo(0.1, 9) },
    { ...one[1] },
  ]);
});

test("a flood of names stays small, and loses no token", () => {
  const flood = tallyOf(Array.from({ length: 500 }, (_, at) => used(`m${at}`, null, tokens(1))));
  expect(flood.length).toBeLessThanOrEqual(41);
  expect(costOf(flood).tokens).toBe(500);
});
