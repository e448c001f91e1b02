import { expect, test } from "vitest";
import { costText, tokenCount } from "./text.ts";

test.each([
  [0, "0"],
  [999, "999"],
  [999.6, "1 k"],
  [1000, "1 k"],
  [1250, "1.3 k"],
  [12_400, "12 k"],
  [999_499, "999 k"],
  [999_500, "1 M"],
  [1_300_000, "1.3 M"],
  [25_000_000, "25 M"],
])("%d tokens are %s", (count, text) => {
  expect(tokenCount(count)).toBe(text);
});

test.each([
  [{ usd: 4.123, knownUsd: 4.123, tokens: 1_300_000 }, "$4.12 · 1.3 M tokens"],
  [{ usd: null, knownUsd: 4.1, tokens: 10 }, "at least $4.10 · 10 tokens"],
  [{ usd: null, knownUsd: 0, tokens: 10 }, "10 tokens"],
])("%j is written as %s", (cost, text) => {
  expect(costText(cost)).toBe(text);
});
