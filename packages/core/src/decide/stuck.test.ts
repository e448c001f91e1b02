import { activity, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aWork, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { DEFAULT_REACTIONS } from "../model/config-reactions.ts";
import { stuckAfterMs } from "./stuck.ts";

const SEC = 1000;
const reactions = {
  ...DEFAULT_REACTIONS,
  "agent-stuck": { ...DEFAULT_REACTIONS["agent-stuck"], thresholdMs: 20 * SEC },
};
const work = (headSha: string, ms: number): TestFact => ({ kind: "work", work: aWork({ headSha, at: iso(ms) }) });

const busy = (): Play =>
  playRunning({ reactions })
    .at(1 * SEC, work("a", 1 * SEC))
    .at(2 * SEC, activity("active", 2 * SEC));

/** Every 15 s, for as long as 50 s. */
function stuckWith(fact: (ms: number) => TestFact): boolean {
  const run = busy();
  for (let ms = 15 * SEC; ms <= 50 * SEC; ms += 15 * SEC) run.until(ms).at(ms, fact(ms));
  return run
    .until(55 * SEC)
    .types()
    .includes("session.stuck");
}

describe("under a threshold of 20 s, a turn of 50 s", () => {
  test.each<[string, (ms: number) => TestFact]>([
    ["output of its terminal", () => ({ kind: "output", launch: 1 })],
    ["pieces of a stream, a growing transcript, tool calls", () => ({ kind: "progress", what: "its answer grows" })],
    ["commits", (ms) => work(`head-${ms}`, ms)],
    ["what it did to the repository", () => ({ kind: "repository-changed", what: "git push" })],
    ["reports", () => ({ kind: "reported", state: "working", note: "half done" })],
    ["the user's typing", () => ({ kind: "human-input" })],
  ])("is not stuck with %s", (_, fact) => {
    expect(stuckWith(fact)).toBe(false);
  });

  test.each<[string, (ms: number) => TestFact]>([
    ["the same claim again", () => activity("active", 2 * SEC)],
    ["a look at an unchanged checkout", (ms) => work("a", ms)],
    ["a title", () => ({ kind: "agent-info", summary: "A title" })],
    ["output of an earlier launch", () => ({ kind: "output", launch: 0 })],
  ])("is stuck if there is only %s", (_, fact) => {
    expect(stuckWith(fact)).toBe(true);
  });
});

test("the threshold is the configured one, or ten minutes", () => {
  expect(stuckAfterMs({ reactions })).toBe(20 * SEC);
  const unset = { ...reactions, "agent-stuck": { ...reactions["agent-stuck"], thresholdMs: null } };
  expect(stuckAfterMs({ reactions: unset })).toBe(600 * SEC);
});
