import { activity, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aCheck, aContext, aPr, aWork, HEAD, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { explain } from "./explain.ts";
import { groupOf, toSessionView } from "./view.ts";

const SEC = 1000;
const MIN = 60_000;
const HOUR = 60 * MIN;
const LATER = 3 * HOUR;

const limit = (ms: number, resetsAt: string | null = iso(LATER)): TestFact => ({
  kind: "activity",
  launch: 1,
  activity: {
    ...{ state: "limited", since: iso(ms), source: "hook", evidence: "You have hit your limit" },
    limit: { resetsAt },
  },
});
const send = (id: string, isUrgent = false): TestFact => ({
  kind: "wish-send",
  message: { id, text: "and?", isUrgent },
});
const ended: TestFact = { kind: "turn-ended", launch: 1 };
const resuming = { agentOptions: { resumeAfterLimit: true } };
const limited = (record = {}, resetsAt: string | null = iso(LATER)): Play =>
  playRunning({}, record)
    .at(SEC, activity("active", SEC))
    .at(2 * SEC, limit(2 * SEC, resetsAt));
const types = (run: Play) => run.types().filter((type) => type.startsWith("agent."));
const lines = (run: Play) =>
  run.did("notify").map((action) => (action.kind === "notify" ? action.notification.event.message : ""));

describe("while the vendor's usage limit holds", () => {
  test("the user is told once, with the time and the way to another agent", () => {
    const run = limited();
    run.at(3 * SEC, limit(3 * SEC)).at(4 * SEC, limit(4 * SEC, iso(LATER + MIN)));
    expect(types(run)).toEqual(["agent.limited"]);
    expect(lines(run)).toEqual([
      "app-1 waits: usage limit of command until 03:00 (in 2 h 59 m). Or go on with another agent: `ao handoff app-1 --agent …`",
    ]);
    const other = limited().at(3 * SEC, limit(3 * SEC, iso(5 * 24 * HOUR)));
    expect(types(other)).toEqual(["agent.limited", "agent.limited"]);
    expect(lines(other)[1]).toContain("until 2026-01-06 00:00");
  });

  test("the clock is the user's", () => {
    const run = playRunning({ utcOffsetMs: -8 * HOUR }).at(2 * SEC, limit(2 * SEC));
    expect(lines(run)[0]).toContain("until 19:00");
  });

  test("it waits, is neither stuck nor idle, and no reaction sends anything", () => {
    const run = limited().at(3 * SEC, { kind: "work", work: aWork({ changedFiles: 2, at: iso(3 * SEC) }) });
    run.at(4 * SEC, { kind: "pr", snapshot: aPr({ ci: "failing", checks: [aCheck()] }) });
    run.at(5 * SEC, { kind: "check-log", headSha: HEAD, key: "test#1", log: "no" }).until(2 * HOUR);
    expect(groupOf(run.record)).toBe("waiting");
    expect(run.types()).not.toContain("session.stuck");
    expect(Object.keys(run.record.episodes)).toEqual(["ci-failed"]);
    expect(run.record.episodes["ci-failed"]?.held).toBe("its vendor's usage limit");
    expect(run.did("open-pr")).toEqual([]);
  });

  test("status and explain say so in their own words", () => {
    const { record, context } = limited();
    const view = toSessionView(record, context);
    expect(view.activity).toMatchObject({ state: "limited", resetsAt: iso(LATER) });
    expect(view.because).toBe("usage limit of command until 03:00");
    expect(view.attention).toMatchObject({ level: "info", hint: "ao handoff app-1 --agent …" });
    expect(explain(record, context).facts.map(({ what, value }) => `${what}: ${value}`)).toContain(
      "activity: limited until 03:00: You have hit your limit",
    );
  });

  test("messages wait, but for one that the user sends with --now", () => {
    const run = limited().at(3 * SEC, send("m1"));
    expect(run.record.messages.list).toMatchObject([{ state: "held", heldFor: "limit" }]);
    run.at(4 * SEC, send("m2", true));
    expect(run.record.messages.list.map(({ id, state }) => `${id} ${state}`)).toEqual(["m1 held", "m2 writing"]);
  });

  test("an agent that shows life is not limited any more, and messages go in", () => {
    const run = limited(resuming)
      .at(3 * SEC, send("m1"))
      .at(HOUR, activity("ready", HOUR));
    expect(run.record).toMatchObject({
      limits: { vendor: { overAt: iso(HOUR) } },
      messages: { list: [{ id: "m1", state: "writing" }] },
    });
    run.until(5 * HOUR);
    expect([types(run), run.record.messages.list]).toMatchObject([["agent.limited"], [{ id: "m1" }]]);
  });

  test("one whose end nobody knows is tried again within minutes, then every ten, and told of once", () => {
    const run = limited({}, null)
      .at(MIN, send("m1"))
      .until(4 * MIN);
    expect(run.record.messages.list[0]?.heldFor).toBe("limit");
    run.until(6 * MIN);
    expect(run.record.messages.list[0]?.state).toBe("writing");
    run.at(7 * MIN, limit(7 * MIN, null));
    expect(run.until(16 * MIN).record.activity?.state).toBe("limited");
    expect(run.until(18 * MIN).record.activity?.state).toBe("ready");
    run.at(19 * MIN, limit(19 * MIN, null));
    expect(toSessionView(run.record, run.context).because).toContain("tried again at 00:29");
    expect(run.until(28 * MIN).record.activity?.state).toBe("limited");
    expect(run.until(30 * MIN).record.activity?.state).toBe("ready");
    run.until(3 * HOUR);
    expect(lines(run)).toEqual([
      "app-1 waits: usage limit of command, which does not say until when; tried again at 00:05 (in 5 m). Or go on with another agent: `ao handoff app-1 --agent …`",
      'app-1 can go on: the usage limit of command may be over. `ao send app-1 "go on"`',
    ]);
    run.at(9 * HOUR, activity("active", 9 * HOUR)).at(10 * HOUR, limit(10 * HOUR, null));
    expect(lines(run)).toHaveLength(3);
  });

  test("with `resumeAfterLimit` the agent tries each time", () => {
    const run = limited(resuming, null)
      .until(6 * MIN)
      .at(7 * MIN, limit(7 * MIN, null))
      .until(3 * HOUR);
    const tries = run.record.messages.list.filter(({ text }) => text === "The usage limit may be over; go on.");
    expect([tries.length, lines(run).length]).toEqual([2, 1]);
    // A plugin that reads it all again tells of what is over.
    run.at(4 * HOUR, limit(2 * SEC, null));
    expect([run.record.activity?.state, run.record.messages.list.length]).toEqual(["ready", 2]);
  });

  test("an end that lies before its beginning is none", () => {
    const run = playRunning().at(HOUR, limit(HOUR, iso(MIN)));
    expect([run.record.activity?.state, run.record.limits.vendor?.resetsAt]).toEqual(["limited", null]);
  });
});

describe("when its time has come", () => {
  test("with `resumeAfterLimit` the agent is told to go on, once", () => {
    const run = limited(resuming).until(4 * HOUR);
    expect(run.record.activity?.state).toBe("ready");
    expect(run.record.messages.list).toMatchObject([{ origin: "system", text: "The usage limit is over; go on." }]);
    expect(types(run)).toEqual(["agent.limited", "agent.limit_ended"]);
    expect(lines(run)).toHaveLength(1);
    // A plugin that reads it all again tells of the limit that is over.
    run.at(5 * HOUR, limit(2 * SEC)).until(6 * HOUR);
    expect([run.record.activity?.state, run.record.messages.list.length]).toEqual(["ready", 1]);
    expect(types(run)).toHaveLength(2);
  });

  test("without it the user is told that it can go on", () => {
    const run = limited()
      .at(3 * SEC, ended)
      .until(4 * HOUR);
    expect(run.record.activity?.state).toBe("ready");
    expect(run.record.messages.list).toEqual([]);
    expect(lines(run).at(-1)).toBe(
      'app-1 can go on: the usage limit of command should be over. `ao send app-1 "go on"`',
    );
  });

  test("what waited goes in, and nobody needs to be told", () => {
    const run = limited()
      .at(3 * SEC, send("m1"))
      .until(3 * HOUR + MIN);
    expect(run.record.messages.list).toMatchObject([{ id: "m1", state: "writing" }]);
    expect(lines(run)).toHaveLength(1);
  });

  test("also when the daemon was down meanwhile", () => {
    const { record } = limited(resuming);
    const later = playRunning({}, record);
    later.record = record;
    later.context = aContext(9 * HOUR);
    later.at(9 * HOUR);
    expect(later.record.messages.list).toMatchObject([{ text: "The usage limit is over; go on." }]);
    const untold = playRunning({}, resuming).at(9 * HOUR, limit(2 * SEC));
    expect(untold.record.messages.list).toMatchObject([{ text: "The usage limit is over; go on." }]);
  });

  test("the next limit is another one", () => {
    const run = limited(resuming)
      .until(4 * HOUR)
      .at(5 * HOUR, limit(5 * HOUR, iso(8 * HOUR)));
    run.until(9 * HOUR);
    expect(types(run)).toEqual(["agent.limited", "agent.limit_ended", "agent.limited", "agent.limit_ended"]);
    expect(run.record.messages.list.filter(({ origin }) => origin === "system")).toHaveLength(2);
  });

  test("an agent that ended meanwhile is not brought back by it", () => {
    const exit = { code: 0, signal: null, at: iso(HOUR), lastOutput: null };
    const run = limited(resuming)
      .at(HOUR, { kind: "exited", launch: 1, exit })
      .until(4 * HOUR);
    expect(run.record.messages.list).toEqual([]);
  });
});
