import { activity, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aCheck, aPr, aWork, HEAD, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { Activity } from "../model/activity.ts";
import type { TurnFailure } from "../model/turn-failure.ts";
import { TurnFailureKind } from "../model/turn-failure.ts";
import { turnFailureOf } from "./turn-failure.ts";
import { toSessionView } from "./view.ts";

const SEC = 1000;
const MIN = 60_000;
const WORDS = "API Error: 401 invalid x-api-key";

const failed = (
  ms: number,
  failure: Partial<TurnFailure> = {},
  state: "ready" | "idle" | "active" = "ready",
): TestFact => ({
  kind: "activity",
  launch: 1,
  isWhole: true,
  activity: {
    ...{ state, since: iso(ms), source: "protocol", evidence: "the turn failed" },
    failure: { kind: "login", text: WORDS, ...failure },
  },
});
const send = (id: string, reaction = false): TestFact => ({
  kind: "wish-send",
  message: { id: reaction ? id : `user-${id}`, text: "go on", isUrgent: false },
});
const playFailed = (failure: Partial<TurnFailure> = {}): Play =>
  playRunning()
    .at(SEC, activity("active", SEC))
    .at(2 * SEC, failed(2 * SEC, failure));
const notices = (run: Play) =>
  run.did("notify").map((action) => (action.kind === "notify" ? action.notification.event.message : ""));

describe("a turn that ended with an error", () => {
  test("needs you, with the agent's own words and what helps, and is told once", () => {
    const run = playFailed();
    expect(run.record).toMatchObject({
      status: "needs_input",
      statusRule: "turn-failed",
      turnStartedAt: null,
      attention: { level: "urgent", reason: `its turn failed: ${WORDS}`, hint: "ao attach app-1" },
    });
    const view = toSessionView(run.record, run.context);
    expect(view).toMatchObject({
      activity: { state: "ready", failure: { kind: "login", text: WORDS } },
      question: null,
    });
    run
      .at(3 * SEC, failed(3 * SEC))
      .at(5 * MIN, failed(5 * MIN, {}, "idle"))
      .until(60 * MIN);
    expect(notices(run)).toEqual([
      `app-1 needs you: its turn failed: ${WORDS}. Log in again or fix its key, then send it a message`,
    ]);
    expect(run.types().filter((type) => type === "session.needs_input")).toHaveLength(1);
  });

  test.each(TurnFailureKind.options)("of kind %s comes with a command to type", (kind) => {
    const { attention } = playFailed({ kind }).record;
    expect(attention?.hint).toMatch(/^ao (?:attach app-1|send app-1 "go on")$/);
  });

  test("takes your message, and is over when the turn begins", () => {
    const run = playFailed().at(3 * SEC, send("m"));
    expect(run.record.messages.list).toMatchObject([{ id: "user-m", state: "writing" }]);
    run.at(4 * SEC, { kind: "message-accepted", id: "user-m" }).at(5 * SEC, activity("active", 5 * SEC));
    expect(run.record).toMatchObject({ status: "working", attention: null });
    run.at(9 * SEC, activity("ready", 9 * SEC));
    expect([run.record.status, notices(run).length]).toEqual(["working", 1]);
  });

  test("is news again when the next turn fails too", () => {
    const run = playFailed()
      .at(3 * SEC, activity("active", 3 * SEC))
      .at(4 * SEC, failed(4 * SEC));
    expect(notices(run)).toHaveLength(2);
  });

  test("gets no message of a reaction, which would fail as well, and opens no pull request", () => {
    const run = playFailed().at(3 * SEC, {
      kind: "work",
      work: aWork({ changedFiles: 2, commitsAhead: 1, at: iso(3 * SEC) }),
    });
    run.at(4 * SEC, { kind: "pr", snapshot: aPr({ ci: "failing", checks: [aCheck()] }) });
    run.at(5 * SEC, { kind: "check-log", headSha: HEAD, key: "test#1", log: "no" }).until(20 * MIN);
    expect(run.record.messages.list).toEqual([]);
    expect(run.record.episodes["ci-failed"]?.held).toBe("its last turn failed");
    expect(run.did("open-pr")).toEqual([]);
    expect(run.record.status).toBe("needs_input");
  });

  test("outweighs what the agent reported during it, but for a question", () => {
    const report = (state: "working" | "done" | "needs_input"): TestFact => ({ kind: "reported", state, note: "db?" });
    const after = (state: "working" | "done" | "needs_input") =>
      playRunning()
        .at(SEC, activity("active", SEC))
        .at(2 * SEC, report(state))
        .at(3 * SEC, failed(3 * SEC)).record;
    expect(after("working").statusRule).toBe("turn-failed");
    expect(after("needs_input").statusRule).toBe("question-open");
  });

  test("ends with its program", () => {
    const run = playFailed().at(3 * SEC, {
      kind: "exited",
      launch: 1,
      exit: { code: 1, signal: null, at: iso(3 * SEC), lastOutput: "sh: foo: not found\nPane is dead (status 1)\n" },
    });
    expect(turnFailureOf(run.record)).toBeNull();
    expect(run.record).toMatchObject({
      status: "errored",
      ending: { reason: "the agent exited with status 1: sh: foo: not found" },
    });
  });
});

test("an agent that retries what no retry can fix needs you while its turn goes on", () => {
  const run = playRunning()
    .at(SEC, activity("active", SEC))
    .at(2 * SEC, failed(SEC, {}, "active"));
  expect(run.record).toMatchObject({
    status: "needs_input",
    turnStartedAt: iso(0),
    attention: { reason: `it keeps failing: ${WORDS}`, hint: "ao attach app-1" },
  });
  run.at(3 * SEC, activity("active", SEC));
  expect(run.record.status).toBe("working");
});

test("a kind that a later build names is read as any other", () => {
  const read = Activity.parse({
    state: "ready",
    since: iso(0),
    source: "hook",
    evidence: "",
    failure: { kind: "new", text: "t" },
  });
  expect(read.failure).toEqual({ kind: "other", text: "t" });
});
