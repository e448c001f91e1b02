import { activity, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { T0 } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";

const SEC = 1000;
const MIN = 60 * SEC;
const send: TestFact = { kind: "wish-send", message: { id: "m1", text: "do it", isUrgent: false } };
const deferred: TestFact = { kind: "message-deferred", id: "m1", because: "human" };
const waiting = (): Play =>
  playRunning()
    .at(1 * SEC, activity("ready", 1 * SEC))
    .at(2 * SEC, send)
    .at(3 * SEC, deferred);

/** Each try finds the draft again. */
function pass(run: Play, untilMs: number, byMs = 15 * SEC): Play {
  for (let ms = run.context.nowMs - T0 + byMs; ms <= untilMs; ms += byMs) {
    run.until(ms);
    if (run.record.messages.list.at(-1)?.state === "writing") run.at(ms, deferred);
  }
  return run;
}
const tries = (run: Play) => run.did("deliver").map((action) => "isDraftOld" in action && action.isDraftOld === true);
const told = (run: Play) => run.events.filter(({ type }) => type === "attention.needed").map(({ message }) => message);

test("a draft is believed at first, and questioned once it has stood for a minute with nobody typing", () => {
  const run = pass(waiting(), 59 * SEC);
  expect(tries(run).length).toBeGreaterThan(2);
  expect(tries(run).every((old) => !old)).toBe(true);
  pass(run, 3 * MIN);
  expect(tries(run).at(-1)).toBe(true);
});

test("somebody who types makes it young again", () => {
  const run = pass(waiting(), 3 * MIN);
  expect(tries(run).at(-1)).toBe(true);
  run.at(3 * MIN + SEC, { kind: "human-input" });
  pass(run, 3 * MIN + 50 * SEC);
  expect(tries(run).at(-1)).toBe(false);
});

test("after five minutes the user is told once, with what to do", () => {
  const run = pass(waiting(), 4 * MIN + 50 * SEC);
  expect([told(run), run.record.attention]).toEqual([[], null]);
  pass(run, 20 * MIN);
  expect(run.record.attention).toMatchObject({ level: "action", hint: "ao attach app-1" });
  expect(run.record.attention?.reason).toMatch(
    /^1 message waits for the text in its input box, .* for 5 m: send it or clear it$/,
  );
  expect(told(run)).toHaveLength(1);
});

test("once the message is delivered, nothing is left to do", () => {
  const run = pass(waiting(), 6 * MIN);
  expect(run.record.attention).not.toBe(null);
  run.until(7 * MIN);
  run.at(7 * MIN, { kind: "message-accepted", id: "m1" });
  expect(run.record.attention).toBe(null);
});

test("what waits for an answer or a turn is no draft", () => {
  const run = playRunning()
    .at(1 * SEC, activity("active", 1 * SEC))
    .at(2 * SEC, send);
  pass(run, 20 * MIN);
  expect([told(run), tries(run)]).toEqual([[], []]);
});
