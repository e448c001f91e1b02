import { activity, exited, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aContext, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import type { Activity } from "../model/activity.ts";
import { explain } from "./explain.ts";
import { toolBegan } from "./left-running.ts";
import { toSessionView } from "./view.ts";

const SEC = 1000;
const SLEEP = { pid: 1234, startId: "boot:77", parent: 9, command: "sleep 600" };

const says = (state: Activity["state"], ms: number, more: Partial<Activity> = {}): TestFact => ({
  kind: "activity",
  launch: 1,
  activity: { state, since: iso(ms), source: "protocol", evidence: state, ...more },
  isWhole: true,
});
const left = (...processes: (typeof SLEEP)[]): TestFact => ({ kind: "left-running", launch: 1, processes });
const inTool = (): Play =>
  playRunning().at(5 * SEC, says("active", 5 * SEC, { tool: "sleep 600", toolSince: iso(4 * SEC) }));
const leftOver = (): Play =>
  inTool()
    .at(8 * SEC, says("ready", 8 * SEC))
    .at(10 * SEC, left(SLEEP));

describe("a tool call that was cut", () => {
  test.each<[string, TestFact[], boolean]>([
    ["its agent is idle", [says("ready", 8 * SEC)], true],
    ["its agent failed", [says("ready", 8 * SEC, { failure: { kind: "service", text: "500" } })], true],
    ["its turn ended", [{ kind: "turn-ended", launch: 1 }], true],
    ["the tool ended before the turn", [says("active", 7 * SEC), says("ready", 8 * SEC)], false],
    ["it asks", [says("waiting_input", 8 * SEC, { question: "?" })], false],
    ["its program ended", [exited(8 * SEC, 0)], false],
  ])("is looked at if %s: %#", (_, facts, isWanted) => {
    const run = inTool().at(8 * SEC, ...facts);
    expect(Boolean(run.record.cutTool)).toBe(isWanted);
  });

  test("says since when its processes can be", () => {
    expect(inTool().at(8 * SEC, says("ready", 8 * SEC)).record.cutTool).toEqual({
      beganAt: iso(4 * SEC),
      endedAt: iso(8 * SEC),
    });
  });

  test("that left nothing running is nothing to tell", () => {
    const run = inTool()
      .at(8 * SEC, says("ready", 8 * SEC))
      .at(10 * SEC, left());
    expect(run.record).toMatchObject({ cutTool: null, attention: null });
    expect(toSessionView(run.record, run.context)).toMatchObject({ leftRunning: [] });
  });

  test("that left a process running is shown with it, until the process has ended", () => {
    const run = leftOver();
    const view = toSessionView(run.record, run.context);
    expect(view).toMatchObject({
      status: "working",
      because: "the agent is idle; its tool still runs: sleep 600 (pid 1234)",
      attention: { level: "info", hint: "ao interrupt --kill app-1" },
      leftRunning: [{ pid: 1234, command: "sleep 600" }],
    });
    expect(explain(run.record, run.context).facts).toContainEqual(
      expect.objectContaining({ what: "left running", value: "its tool still runs: sleep 600 (pid 1234)" }),
    );
    expect(run.types()).not.toContain("attention.needed");
    run.at(15 * SEC, left());
    expect(run.record).toMatchObject({ leftRunning: null, attention: null });
  });

  test("is forgotten when the program ends, which takes it along", () => {
    expect(leftOver().at(12 * SEC, exited(12 * SEC, 0)).record).toMatchObject({ leftRunning: null, cutTool: null });
  });
});

describe("ao interrupt --kill", () => {
  test.each<[string, () => Play, object[]]>([
    ["a working agent", inTool, [{ kills: true }]],
    ["an idle agent with a process left", leftOver, [{ kills: true }]],
    ["an idle agent without one", () => playRunning().at(5 * SEC, activity("ready", 5 * SEC)), []],
  ])("of %s", (_, state, actions) => {
    const run = state().at(20 * SEC, { kind: "wish-interrupt", kills: true });
    expect(run.did("interrupt")).toMatchObject(actions);
    expect(run.did("interrupt")).toHaveLength(actions.length);
  });

  test("of an idle agent is no interrupt: what ends then was not interrupted", () => {
    const run = leftOver().at(20 * SEC, { kind: "wish-interrupt", kills: true });
    expect(run.record.humanDid?.interrupted).toBeUndefined();
  });
});

test.each<[string, (run: Play) => Play, number | null]>([
  [
    "a tool call that is told",
    (run) => run.at(5 * SEC, says("active", 5 * SEC, { tool: "x", toolSince: iso(4 * SEC) })),
    4,
  ],
  ["a tool call without its time", (run) => run.at(5 * SEC, says("active", 5 * SEC, { tool: "x" })), 5],
  ["a turn without a told tool call: only what is young", (run) => run.at(5 * SEC, says("active", 5 * SEC)), 30],
  ["no turn", (run) => run.at(5 * SEC, says("ready", 5 * SEC)), null],
])("an interrupt looks at processes since: %s", (_, state, seconds) => {
  const began = toolBegan(state(playRunning()).record, Date.parse(iso(40 * SEC)));
  expect(began).toBe(seconds === null ? null : iso(seconds * SEC));
});

test("a launch that has just begun has processes of its own, which no tool started", () => {
  const run = playRunning().at(1 * SEC, says("active", 1 * SEC));
  expect(toolBegan(run.record, aContext(4 * SEC).nowMs)).toBe(iso(3 * SEC));
});
