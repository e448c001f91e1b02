import type { UsageReport } from "@agent-orchestrator/core/model/usage";
import { expect, test } from "vitest";
import { addTokens, addToModel, type Counts, hasGrownMuch } from "./tokens.ts";

const report = (tokens: Partial<Counts>, usd: number | null = null): UsageReport => ({
  key: "c",
  models: [{ model: "m", tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, ...tokens }, usd }],
});

test.each([
  { what: "the first report", told: null, now: report({ input: 1 }), is: true },
  { what: "another key", told: report({ input: 1 }), now: { ...report({ input: 1 }), key: "d" }, is: true },
  { what: "few tokens", told: report({ input: 100 }), now: report({ input: 2_000 }), is: false },
  { what: "many tokens", told: report({ input: 100 }), now: report({ input: 2_100 }), is: true },
  { what: "a small share", told: report({ input: 100_000 }), now: report({ input: 104_000 }), is: false },
  { what: "a large share", told: report({ input: 100_000 }), now: report({ input: 105_000 }), is: true },
  {
    what: "a large share of one kind",
    told: report({ input: 900_000, output: 10_000 }),
    now: report({ input: 900_000, output: 12_000 }),
    is: true,
  },
  {
    what: "a large share of all",
    told: report({ input: 20_000, cacheRead: 20_000 }),
    now: report({ input: 21_000, cacheRead: 21_000 }),
    is: true,
  },
  { what: "few dollars", told: report({}, 1), now: report({}, 1.04), is: false },
  { what: "many dollars", told: report({}, 1), now: report({}, 1.1), is: true },
])("$what: much is $is", ({ told, now, is }) => {
  expect(hasGrownMuch(told, now)).toBe(is);
});

test("sums leave out what was already counted, and the model that was used last is at the end", () => {
  const one = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 };
  expect(addTokens(undefined, one)).toEqual(one);
  expect(addTokens({ ...one }, { ...one, input: 5 }, one)).toEqual({ ...one, input: 5 });
  const models = new Map<string, Counts>();
  for (const model of ["a", "b", "a"]) addToModel(models, model, one);
  expect([...models]).toEqual([
    ["b", one],
    ["a", { input: 2, output: 4, cacheRead: 6, cacheWrite: 8 }],
  ]);
});
