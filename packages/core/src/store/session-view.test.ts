import { expect, test } from "vitest";
import { toEntries } from "./session-view.ts";
import { sampleSession } from "./testing/sample.ts";

test("a session's metadata has its cost as far as it is known", () => {
  const known = toEntries(
    sampleSession("app-1", { usage: { cost: { usd: 4.126, tokens: 1_300_000, model: "big-1" } } }),
  );
  expect([known.get("costUsd"), known.get("costTokens"), known.get("costModel")]).toEqual(["4.13", "1300000", "big-1"]);
  const unpriced = toEntries(
    sampleSession("app-1", { usage: { cost: { usd: null, knownUsd: 1, tokens: 5, model: null } } }),
  );
  expect([unpriced.has("costUsd"), unpriced.get("costTokens"), unpriced.has("costModel")]).toEqual([false, "5", false]);
  expect(toEntries(sampleSession("app-1")).has("costTokens")).toBe(false);
});
