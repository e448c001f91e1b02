import { expect, it } from "vitest";
import { limitsOf, smallerLimits } from "./limits.ts";
import { policyFor } from "./resolve.ts";
import { configSandbox, trustedSandbox } from "./testing/config-sandbox.ts";

const NONE = { session: null, project: null, day: null, dayOfAll: null };

it.each([
  ["a number is for each session", { maxCostUsd: 5 }, { ...NONE, session: 5 }],
  ["a map names what is counted together", { maxCostUsd: { project: 9, day: 3 } }, { ...NONE, project: 9, day: 3 }],
  ["nothing is no limit", {}, NONE],
])("%s", (_, limits, expected) => {
  expect(limitsOf(limits).usd).toEqual(expected);
});

it("the smaller one of the user's and the config's limits applies, for each limit separately", () => {
  const user = { maxCostUsd: { session: 10, day: 50 }, maxTokens: 1000, maxReactionsPerSession: 4 };
  const own = { maxCostUsd: 20, maxTokens: { session: 500, project: 9000 }, maxReactionsPerSession: 9 };
  expect(smallerLimits(user, own)).toEqual({
    maxCostUsd: { session: 10, day: 50 },
    maxTokens: { session: 500, project: 9000 },
    maxReactionsPerSession: 4,
  });
  expect(smallerLimits({}, { maxConcurrentSessions: 3 })).toEqual({ maxConcurrentSessions: 3 });
});

it("the user's daily limit counts everything, and a config's daily limit its own projects", () => {
  const sandbox = trustedSandbox("limits: { maxCostUsd: { day: 5 } }\nprojects: { shop: {} }\n");
  sandbox.write("home/config.yaml", "limits: { maxCostUsd: { day: 30 }, maxTokens: 100 }\n");
  const { limits } = policyFor(sandbox.load(), "shop");
  expect(limits).toEqual({
    usd: { ...NONE, day: 5, dayOfAll: 30 },
    tokens: { ...NONE, session: 100 },
    reactions: null,
  });
});

it("the user's prices win, model by model", () => {
  const theirs = "prices: { a: { input: 1, output: 2 }, b: { input: 1, output: 2 } }\nprojects: { shop: {} }\n";
  const sandbox = trustedSandbox(theirs);
  sandbox.write("home/config.yaml", "prices: { b: { input: 5, output: 6, cacheRead: 0.5 } }\n");
  expect(policyFor(sandbox.load(), "shop").prices).toEqual({
    a: { input: 1, output: 2 },
    b: { input: 5, output: 6, cacheRead: 0.5 },
  });
});

it.each([
  ["limits: { maxCostUsd: 0 }", "maxCostUsd"],
  ["limits: { maxCostUsd: { week: 3 } }", "week"],
  ["limits: { maxReactionsPerSession: 1.5 }", "maxReactionsPerSession"],
  ["prices: { a: { input: 1 } }", "output"],
  ["prices: { a: { input: -1, output: 1 } }", "input"],
])("%s is refused", (text, word) => {
  expect(() => configSandbox(`${text}\nprojects: { shop: {} }\n`).load()).toThrow(word);
});
