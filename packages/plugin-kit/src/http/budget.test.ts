import { expect, test } from "vitest";
import { createBudget } from "./budget.ts";

const START = Date.parse("2026-01-01T00:00:00Z");

function budgetAt() {
  const clock = { ms: START };
  const budget = createBudget({ share: 0.2, nowMs: () => clock.ms });
  const learn = (headers: Record<string, string>, { status = 200, body = "", resource = "core" } = {}) =>
    budget.learn({ resource, status, headers: new Headers(headers), body });
  return { clock, budget, learn };
}

const quota = (remaining: number, { limit = 5_000, inSeconds = 3_600 } = {}): Record<string, string> => ({
  "x-ratelimit-limit": String(limit),
  "x-ratelimit-remaining": String(remaining),
  "x-ratelimit-reset": String(START / 1000 + inSeconds),
});

test("a fifth of the quota is left to others, until the quota is renewed", () => {
  const { clock, budget, learn } = budgetAt();
  expect(budget.waitMs("core")).toBe(0);
  learn(quota(1_001));
  expect(budget.waitMs("core")).toBe(0);
  learn(quota(1_000));
  expect(budget.waitMs("core")).toBe(3_600_000);
  expect(budget.waitMs("graphql")).toBe(0);
  expect(budget.report().quotas).toEqual([
    { resource: "core", limit: 5_000, remaining: 1_000, reserved: 1_000, resetAt: "2026-01-01T01:00:00.000Z" },
  ]);
  clock.ms += 3_600_000;
  expect(budget.waitMs("core")).toBe(0);
});

test("answers that arrive late do not give back what is used", () => {
  const { budget, learn } = budgetAt();
  learn(quota(900));
  learn(quota(4_000));
  expect(budget.waitMs("core")).toBeGreaterThan(0);
  learn(quota(5_000, { inSeconds: 7_200 }));
  expect(budget.waitMs("core")).toBe(0);
});

test("the time of the renewal is by the server's clock", () => {
  const { budget, learn } = budgetAt();
  learn({ ...quota(0), date: new Date(START + 3_000_000).toUTCString() });
  expect(budget.waitMs("core")).toBe(600_000);
});

test.each<[string, Record<string, string>, { status: number; body?: string }, number]>([
  ["429 with Retry-After", { "retry-after": "7" }, { status: 429 }, 7_000],
  ["403 with Retry-After", { "retry-after": "7" }, { status: 403 }, 7_000],
  ["a used-up quota", quota(0, { inSeconds: 90 }), { status: 403 }, 90_000],
  ["a secondary limit in words", {}, { status: 403, body: "You have exceeded a secondary rate limit." }, 60_000],
  ["429 that says nothing", {}, { status: 429 }, 60_000],
])("%s stops everything for as long as it says", (...[, headers, answer, waitMs]) => {
  const { clock, budget, learn } = budgetAt();
  expect(learn(headers, answer).isRefusal).toBe(true);
  expect(budget.report().waitMs).toBe(waitMs);
  expect(budget.waitMs("graphql")).toBe(waitMs);
  clock.ms += waitMs;
  expect(budget.waitMs("graphql")).toBe(0);
});

test("a secondary limit that comes again is waited for longer, up to an hour, until something works", () => {
  const { clock, budget, learn } = budgetAt();
  const minutes = [];
  for (let round = 0; round < 8; round++) {
    learn({}, { status: 403, body: "secondary rate limit" });
    minutes.push(budget.report().waitMs / 60_000);
    clock.ms += budget.report().waitMs;
  }
  expect(minutes).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  learn({});
  learn({}, { status: 403, body: "secondary rate limit" });
  expect(budget.report().waitMs).toBe(60_000);
});

test.each([
  ["a refusal for another reason", {}, { status: 403, body: "Resource not accessible by integration" }],
  [
    "headers that are no numbers",
    { "x-ratelimit-limit": "x", "x-ratelimit-remaining": "-1", "x-ratelimit-reset": "" },
    {},
  ],
  ["a quota of nothing", { ...quota(0, { limit: 0 }) }, {}],
])("%s changes nothing", (_what, headers, answer) => {
  const { budget, learn } = budgetAt();
  expect(learn(headers, answer).isRefusal).toBe(false);
  expect(budget.waitMs("core")).toBe(0);
});
