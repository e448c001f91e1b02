import { activity, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aCheck, aPr, HEAD, HEAD2 } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import type { PRSnapshot } from "../../model/pull-request.ts";

const SEC = 1_000;
const MIN = 60_000;
type Checks = PRSnapshot["checks"];
const failing = (checks: Checks, more: Partial<PRSnapshot> = {}): TestFact => ({
  kind: "pr",
  snapshot: aPr({ ci: "failing", checks, ...more }),
});
const pending = (checks: Checks): TestFact => ({ kind: "pr", snapshot: aPr({ ci: "pending", checks }) });
const logs = (...keys: string[]): TestFact[] =>
  keys.map((key) => ({ kind: "check-log", headSha: HEAD, key, log: `log of ${key}` }));
const slow = (changes: Partial<Checks[number]> = {}) =>
  aCheck({ name: "e2e", conclusion: "timed_out", rerun: "possible", ...changes });

/** Idle, with an open pull request. */
const idle = (policy: Parameters<typeof playRunning>[0] = {}) =>
  playRunning(policy).at(1 * SEC, activity("ready", 1 * SEC));
const asked = (run: Play) => run.did("rerun").flatMap((action) => (action.kind === "rerun" ? action.checks : []));
const texts = (run: Play) => run.record.messages.list.map(({ text }) => text);

test("a check that timed out is run again once, and the agent hears of it only if it fails again", () => {
  const run = idle().at(2 * SEC, failing([slow()]), ...logs("e2e#1"));
  expect(run.did("rerun")).toEqual([
    { kind: "rerun", key: `rerun:app-1:${HEAD}:1`, headSha: HEAD, checks: [{ name: "e2e", attempt: 1 }] },
  ]);
  run.at(3 * SEC, pending([slow({ status: "running", attempt: 2 })]));
  run.at(5 * MIN, failing([slow({ attempt: 2 })]), ...logs("e2e#2"));
  expect(asked(run)).toHaveLength(1);
  expect(texts(run)).toEqual([expect.stringContaining("log of e2e#2")]);
  expect(run.record.notes).toContain("Asked to run e2e again on aaaaaaa.");
});

test("a rerun that passes leaves the agent alone", () => {
  const run = idle().at(2 * SEC, failing([slow()]), ...logs("e2e#1"));
  const passed = slow({ status: "passed", attempt: 2 });
  run.at(5 * MIN, { kind: "pr", snapshot: aPr({ ci: "passing", checks: [passed] }) }).until(60 * MIN);
  expect(texts(run)).toEqual([]);
});

test.each([
  ["fits a pattern of ci.flaky", { ciFlaky: ["E2E *"] }, aCheck({ name: "e2e (chrome)", rerun: "possible" }), 1],
  ["fits none of them", { ciFlaky: ["e2e"] }, aCheck({ name: "e2e (chrome)", rerun: "possible" }), 0],
  ["cannot be run again", {}, slow({ rerun: undefined }), 0],
  ["is not to be run again", { ciRerun: 0 }, slow(), 0],
  ["is not required", {}, slow({ isRequired: false }), 0],
  ["fails on the base too", {}, slow({ failsOnBase: true }), 0],
  ["waits for what runs beside it", {}, slow({ rerun: "later" }), 0],
])("of a check that %s", (...[, policy, check, times]) => {
  const run = idle(policy).at(2 * SEC, failing([check]));
  expect(asked(run)).toHaveLength(times);
});

test("what runs beside it is waited for, without a word to the agent", () => {
  const run = idle().at(2 * SEC, failing([slow({ rerun: "later" })]), ...logs("e2e#1"));
  run.until(20 * MIN);
  expect([asked(run), texts(run)]).toEqual([[], []]);
  expect(asked(run.at(21 * MIN, failing([slow()])))).toHaveLength(1);
});

test("a failure beside it goes to the agent at once, and without it", () => {
  const run = idle().at(2 * SEC, failing([slow(), aCheck({ name: "lint" })]), ...logs("e2e#1", "lint#1"));
  expect(asked(run)).toEqual([{ name: "e2e", attempt: 1 }]);
  expect(texts(run)).toEqual([expect.stringContaining("1 required check failing: lint.")]);
});

test("each head has its own rerun, and a config may allow more", () => {
  const run = idle({ ciRerun: 2 }).at(2 * SEC, failing([slow()]));
  for (const attempt of [2, 3]) run.at(attempt * MIN, failing([slow({ attempt })]));
  expect(asked(run).map(({ attempt }) => attempt)).toEqual([1, 2]);
  run.at(5 * MIN, failing([slow({ attempt: 4 })], { headSha: HEAD2 }));
  expect(asked(run).at(-1)).toEqual({ name: "e2e", attempt: 4 });
  expect(run.record.pr.reruns).toMatchObject([{ headSha: HEAD2 }]);
});

test("if it cannot be run again after all, or nothing comes of it, the agent hears of the failure", () => {
  const failure = { code: "UNAVAILABLE", message: "the token may not" } as const;
  const refused = idle()
    .at(2 * SEC, failing([slow()]), ...logs("e2e#1"))
    .at(3 * SEC, { kind: "effect-failed", key: `rerun:app-1:${HEAD}:1`, action: "rerun", failure });
  expect(texts(refused)).toHaveLength(1);
  expect(refused.record.notes).toContain("Checks could not be run again: the token may not");

  const silent = idle()
    .at(2 * SEC, failing([slow()]), ...logs("e2e#1"))
    .until(9 * MIN);
  expect(texts(silent)).toEqual([]);
  expect(texts(silent.until(11 * MIN))).toHaveLength(1);
  expect(asked(silent)).toHaveLength(1);
});

test("nothing is run again while it is paused, or when the session is over", () => {
  const paused = idle().at(2 * SEC, { kind: "wish-pause", isPaused: true }, failing([slow()]));
  expect(asked(paused)).toEqual([]);
  expect(asked(paused.at(3 * SEC, { kind: "wish-pause", isPaused: false }))).toHaveLength(1);
  const over = idle().at(2 * SEC, { kind: "wish-kill", by: "user", reason: "no", remove: false });
  expect(asked(over.at(3 * SEC, failing([slow()])))).toEqual([]);
});
