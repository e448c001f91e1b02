import { activity, exited, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { expect, test } from "vitest";

const SEC = 1000;
const send: TestFact = { kind: "wish-send", message: { id: "m1", text: "do it", isUrgent: false } };
const doubted: TestFact = { kind: "message-deferred", id: "m1", isInDoubt: true };
const asking = () =>
  playRunning()
    .at(1 * SEC, activity("ready", 1 * SEC))
    .at(2 * SEC, send)
    .at(3 * SEC, activity("waiting_input", 3 * SEC), doubted);

test("a message of which nobody knows whether it went in is never given to another program", () => {
  // The same program's runtime knows what it has written.
  const same = asking().at(9 * SEC, activity("ready", 9 * SEC));
  expect(same.record.messages.list[0]?.state).toBe("writing");
  const gone = asking().at(9 * SEC, exited(9 * SEC, 1));
  expect(gone.record.messages.list[0]?.state).toBe("unconfirmed");
  expect(gone.did("start")).toHaveLength(1);
});

test("a message that was held when its agent crashed goes in after the agent was restored for it", () => {
  const run = playRunning()
    .at(1 * SEC, activity("waiting_input", 1 * SEC))
    .at(2 * SEC, send)
    .at(3 * SEC, exited(3 * SEC, 1));
  expect(run.types()).toContain("session.exited");
  expect(run.did("start")).toHaveLength(1);
  run.until(4 * SEC);
  expect(run.did("start").at(-1)).toMatchObject({ mode: "restore" });
  expect(run.record.messages.list[0]).toMatchObject({ state: "held", heldFor: "restoring" });
  const killed = playRunning()
    .at(1 * SEC, activity("waiting_input", 1 * SEC))
    .at(2 * SEC, send)
    .at(3 * SEC, { kind: "wish-kill", remove: false, by: "user", reason: "ao kill" })
    .at(4 * SEC, { kind: "stopped", launch: 1 });
  expect(killed.record.messages.list[0]).toMatchObject({ state: "failed", failure: { code: "REFUSED" } });
});

test("the user is told of a message of theirs whose receipt did not come, and why; not where an agent never gives one", () => {
  const resting = playRunning()
    .at(1 * SEC, activity("ready", 1 * SEC))
    .at(2 * SEC, send);
  resting.at(3 * SEC, { kind: "message-written", id: "m1" }).until(70 * SEC);
  expect(resting.record.messages.list[0]).toMatchObject({
    state: "unconfirmed",
    doubt: expect.stringContaining("not confirmed within"),
  });
  expect(resting.did("notify")).toMatchObject([{ notification: { event: { type: "message.unconfirmed" } } }]);
  const silent = playRunning({ agent: { ...resting.context.policy.agent, receipts: "never" } });
  silent
    .at(1 * SEC, activity("ready", 1 * SEC))
    .at(2 * SEC, send)
    .at(3 * SEC, { kind: "message-written", id: "m1" });
  expect(silent.record.messages.list[0]).toMatchObject({ state: "unconfirmed", doubt: undefined });
  expect(silent.did("notify")).toEqual([]);
});

test("a message whose program ended without a receipt is not waited for a whole minute; a late receipt counts", () => {
  const queued = () =>
    playRunning()
      .at(1 * SEC, activity("ready", 1 * SEC))
      .at(2 * SEC, send)
      .at(3 * SEC, { kind: "message-written", id: "m1" });
  const stateOf = (run: ReturnType<typeof queued>) => run.record.messages.list[0]?.state;
  const ended = queued().at(9 * SEC, exited(9 * SEC, 1));
  expect(stateOf(ended.until(11 * SEC))).toBe("written");
  expect(stateOf(ended.until(12 * SEC))).toBe("unconfirmed");
  expect(ended.record.messages.list[0]?.doubt).toContain("ended without confirming it");
  expect(stateOf(ended.at(13 * SEC, { kind: "message-accepted", id: "m1" }))).toBe("accepted");
  expect(ended.did("deliver")).toHaveLength(1);
  // What waits behind it brings another program, and is no reason to give it to that one.
  const next: TestFact = { kind: "wish-send", message: { id: "m2", text: "and this", isUrgent: false } };
  const restored = queued()
    .at(8 * SEC, next)
    .at(9 * SEC, exited(9 * SEC, 1))
    .until(13 * SEC);
  expect(restored.did("start")).toHaveLength(2);
  expect(restored.did("deliver")).toHaveLength(1);
});

test("what was kept back by a question goes in as soon as the agent does something else, not at the next try", () => {
  const state = () => run.record.messages.list[0]?.state;
  const run = playRunning()
    .at(1 * SEC, activity("ready", 1 * SEC))
    .at(2 * SEC, send)
    .at(3 * SEC, { kind: "message-deferred", id: "m1", because: "asking" });
  expect(state()).toBe("held");
  run.at(3 * SEC + 100, activity("waiting_input", 3 * SEC + 50)).at(3 * SEC + 500, activity("ready", 3 * SEC + 400));
  expect(state()).toBe("writing");
});

test("a receipt that is taken back leaves a message that nobody knows of; another receipt counts again", () => {
  const run = playRunning()
    .at(1 * SEC, activity("ready", 1 * SEC))
    .at(2 * SEC, send)
    .at(3 * SEC, { kind: "message-accepted", id: "m1" });
  const stateAt = (ms: number, kind: "message-lost" | "message-accepted") =>
    run.at(ms, { kind, id: "m1" }).record.messages.list[0]?.state;
  expect(stateAt(4 * SEC, "message-lost")).toBe("unconfirmed");
  expect(run.did("notify")).toMatchObject([{ notification: { event: { type: "message.unconfirmed" } } }]);
  expect(stateAt(5 * SEC, "message-accepted")).toBe("accepted");
  expect(run.did("deliver")).toHaveLength(1);
});
