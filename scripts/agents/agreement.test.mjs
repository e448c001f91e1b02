import { expect, test } from "vitest";
import { lastAttempts, sumUp } from "./agreement.mjs";

const row = (kind, [samples, right], longLies = []) => ({
  kind,
  version: "1",
  scenario: `${samples}`,
  samples,
  right,
  longLies,
  wrong: [],
});

test("agreement is summed up per agent, and one wrong claim is too many", () => {
  const sums = sumUp([row("a", [100, 100]), row("a", [200, 199]), row("b", [100, 100], [{}]), row("c", [100, 90])]);
  expect(sums).toMatchObject([
    { agent: "a 1", scenarios: 2, samples: 300, percent: 99.66, isMet: true, isBad: false },
    { agent: "b 1", percent: 100, isMet: false, isBad: true },
    { agent: "c 1", percent: 90, isMet: false, isBad: true },
  ]);
});

test("the second attempt of a scenario counts, for this agent only", () => {
  const first = { ...row("a", [10, 5]), scenario: "x", attempt: 0 };
  const other = { ...row("b", [10, 5]), scenario: "x", attempt: 0 };
  const second = { ...first, right: 10, attempt: 1 };
  expect(lastAttempts([first, other, second])).toEqual([other, second]);
});
