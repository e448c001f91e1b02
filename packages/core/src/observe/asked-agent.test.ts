import { memoryWorld } from "@agent-orchestrator/testkit/memory/world";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { AoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import { ActivityState } from "../model/status.ts";
import type { Agent, AgentFact } from "../slots/agent.ts";
import type { Runtime } from "../slots/runtime.ts";
import { watchByAsking } from "./asked-agent.ts";

/** A plugin with these methods only, watched. Its runtime prints `output`. */
function watching(methods: Partial<Agent>, runtimeParts: Partial<Runtime> = {}) {
  const world = memoryWorld({ home: tempDir("ao-asked") });
  const { clock, log } = world;
  const facts: AgentFact[] = [];
  const told: ToldFact[] = [];
  const screen = { text: "" };
  const agent = { processName: "x", getLaunchCommand: () => "x", getEnvironment: () => ({}), ...methods };
  const observation = watchByAsking({
    session: pluginSession(),
    handle: { id: "app-1", runtimeName: "memory", data: {} },
    runtime: { ...world.runtime, getOutput: async () => screen.text, ...runtimeParts },
    agent,
    clock,
    log,
    readyThresholdMs: () => 60_000,
    onFact: (fact) => void facts.push(fact),
    tell: (more) => void told.push(...more),
  });
  onTestFinished(() => observation.stop());
  const states = () => facts.flatMap((fact) => (fact.kind === "activity" ? [fact.activity.state] : []));
  const print = async (text: string) => {
    screen.text = text;
    observation.hint({ kind: "output", at: "2026-01-01T00:00:00.000Z" });
    await clock.pass(600);
  };
  const activity = () => facts.findLast((fact) => fact.kind === "activity")?.activity;
  return { clock, facts, told, states, print, observation, activity };
}

const reads = (output: string): ActivityState =>
  output.endsWith("[y/n]") ? "waiting_input" : output.endsWith(">") ? "ready" : "active";

test("what a plugin reads from the output is told once, after the output and not before it stands still", async () => {
  const { print, states, facts, activity, clock } = watching({ detectActivity: reads });
  await clock.pass(600);
  expect(states()).toEqual([]);
  await print("compiling");
  await print("compiling\nlinking");
  expect(states()).toEqual(["active"]);
  await print("delete it? [y/n]");
  expect(activity()).toMatchObject({ state: "waiting_input", source: "screen", question: "delete it? [y/n]" });
  await print("done\n>");
  await clock.pass(60_000);
  expect(states()).toEqual(["active", "waiting_input", "ready"]);
  expect(facts.filter(({ kind }) => kind === "turn-ended")).toEqual([]);
});

test("the end of work is the end of a turn, and a turn too short to be seen ends when the prompt shows again", async () => {
  const { print, states, facts } = watching({ detectActivity: reads });
  await print("compiling");
  await print(">");
  expect(facts.at(-1)).toMatchObject({ kind: "turn-ended" });
  await print("a short answer\n>");
  expect(states()).toEqual(["active", "ready", "ready"]);
});

test("the plugin's own word comes before the screen, with the user's threshold and a time of this turn", async () => {
  let state: ActivityState | null = "active";
  const asked: unknown[] = [];
  const at = "2026-01-01T00:00:03.000Z";
  const { clock, activity, print } = watching({
    detectActivity: reads,
    async getActivityState(_session, readyThresholdMs) {
      asked.push(readyThresholdMs);
      return state === null ? null : { state, timestamp: state === "idle" ? new Date(at) : "1999-01-01T00:00:00.000Z" };
    },
  });
  await print("[y/n]");
  expect(activity()).toMatchObject({ state: "active", source: "transcript", since: "2026-01-01T00:00:00.000Z" });
  await clock.pass(5_000);
  state = "idle";
  await clock.pass(5_000);
  expect(activity()).toMatchObject({ state: "idle", since: at, evidence: "its plugin says idle" });
  expect(new Set(asked)).toEqual(new Set([60_000]));
  state = null;
  await clock.pass(5_000);
  expect(activity()).toMatchObject({ state: "waiting_input", source: "screen" });
});

test("the conversation is told when it is new, without what is not of its type", async () => {
  let summary = "mend it";
  const { clock, facts } = watching({
    getSessionInfo: async () => ({ summary, agentSessionId: null, cost: { estimatedCostUsd: 1 } as never }),
  });
  await clock.pass(120_000);
  summary = "mend\nall of it";
  await clock.pass(120_000);
  expect(facts).toEqual([
    { kind: "info", info: { summary: "mend it" } },
    { kind: "info", info: { summary: "mend all of it" } },
  ]);
});

test.each<[string, { answers: (boolean | "throws")[]; knows?: boolean; exits?: number }]>([
  ["it ran and is gone", { answers: [true, false], exits: 1 }],
  ["the plugin has never seen it", { answers: [false, false] }],
  ["the plugin cannot tell", { answers: [true, "throws"] }],
  ["the runtime knows better", { answers: [true, false], knows: true }],
])("whether it runs: %s", async (_, { answers, knows = false, exits = 0 }) => {
  const isProcessRunning = async () => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === "throws") throw new AoError("UNREACHABLE", "who knows");
    return answer === true;
  };
  const { clock, told, print } = watching({ isProcessRunning }, knows ? {} : ({ getProcess: undefined } as never));
  await print("last words");
  await clock.pass(30_000);
  expect(told).toMatchObject(
    Array.from({ length: exits }, () => ({ kind: "exited", launch: 1, exit: { lastOutput: "last words" } })),
  );
});

test("an agent that its plugin calls exited is gone only where nobody else can say so", async () => {
  let state: ActivityState = "active";
  const methods = { getActivityState: async () => ({ state }) };
  const [blind, seeing] = [watching(methods, { getProcess: undefined } as never), watching(methods)];
  for (const each of [blind, seeing]) await each.clock.pass(600);
  state = "exited";
  for (const each of [blind, seeing]) await each.clock.pass(10_000);
  expect(blind.told).toMatchObject([{ kind: "exited" }]);
  expect(seeing.told).toEqual([]);
  expect(seeing.states()).toEqual(["active"]);
});

test("a plugin that never answers does not keep its watch from closing", async () => {
  const { clock, observation, facts } = watching({ getActivityState: () => new Promise(() => undefined) });
  await clock.pass(12_000);
  await observation.stop();
  await clock.pass(60_000);
  expect(facts).toEqual([]);
});

test("whatever a plugin answers, only known states are told", async () => {
  const anything = fc.oneof(
    fc.anything(),
    fc.record({ state: fc.constantFrom(...ActivityState.options, "odd", 1, null) }),
  );
  await fc.assert(
    fc.asyncProperty(anything, anything, async (said, read) => {
      const { states, print, observation, facts } = watching({
        getActivityState: async () => said as never,
        detectActivity: () => read as never,
        getSessionInfo: async () => said as never,
      });
      await print("something");
      await observation.stop();
      for (const state of states()) expect(ActivityState.options).toContain(state);
      expect(facts.every(({ kind }) => ["activity", "info", "turn-ended"].includes(kind))).toBe(true);
    }),
    { numRuns: 100 },
  );
});
