import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type MemoryWorld, memoryWorld } from "@agent-orchestrator/testkit/memory/world";
import { aRecord, iso } from "@agent-orchestrator/testkit/records";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { beforeEach, describe, expect, test } from "vitest";
import { AoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import { type RecordChanges, withChanges } from "../model/record-changes.ts";
import type { Agent, AgentLaunchConfig } from "../slots/agent.ts";
import type { ActCall } from "./call.ts";
import { keepIssueText, type Prompting } from "./launch-prompts.ts";
import { type StartAction, start } from "./start.ts";

let world: MemoryWorld;
let asked: AgentLaunchConfig[];
beforeEach(() => {
  world = memoryWorld({ home: tempDir("ao-launch") });
  asked = [];
});

const prompting: Prompting = {
  instructions: () => "how to work",
  task: () => "the task",
  continuation: (task) => `go on with ${task}`,
  handOver: ({ task, diff, transcript }) => `take over: ${task}, ${diff}, ${transcript}`,
  maxTranscriptBytes: 100,
};

interface Case {
  agent?: Partial<Agent>;
  /** False if it cannot resume a conversation. `words` means only with a prompt. */
  resumes?: boolean | "words";
  /** It has no `getLaunchSpec`. */
  isPlain?: boolean;
  record?: RecordChanges;
  call?: Partial<ActCall>;
  prompting?: Prompting;
}

function begin(
  mode: StartAction["mode"],
  { agent, resumes = true, isPlain = false, record: changes, call, prompting: words = prompting }: Case = {},
): Promise<ToldFact[]> {
  Object.assign(world.agent, agent, {
    async getLaunchSpec(config: AgentLaunchConfig) {
      asked.push(config);
      const isFit = config.resume === undefined || resumes === true || (resumes === "words" && config.resume.message);
      return isFit
        ? { argv: ["a"], promptDelivered: agent?.promptDelivery !== "post-launch", env: { A: "spec" } }
        : null;
    },
  });
  if (isPlain) Object.assign(world.agent, { getLaunchSpec: undefined });
  const task = { issue: null, prompt: "do it" };
  const record = withChanges(aRecord({ launch: { agentSessionId: "conv-1" }, task }), changes ?? {});
  const action: StartAction = { kind: "start", key: `start:app-1:2`, launch: 2, mode, messageId: null };
  const whole: ActCall = {
    record,
    project: world.config as never,
    plugins: world.plugins(record),
    paths: world.paths(record),
    clock: world.clock,
    log: world.log,
    signal: new AbortController().signal,
    tell: () => undefined,
    agentConfig: () => ({ env: { A: "config", B: "config", AO_HOME: "/never", BAD: 1 } }),
    formerAgent: () => null,
    environment: async () => ({ PATH: "/bin", AO_HOME: "/home/dev/.ao" }),
    ...call,
  };
  return start(whole, { ...action, messageId: mode === "turn" ? "m1" : null }, words);
}

const file = (name: string) => join(world.paths(aRecord()).sessionDir, name);
const text = (name: string) => readFileSync(file(name), "utf8");

describe("an agent that takes separate instructions", () => {
  const agent = { takesInstructions: true };

  test("gets them at every launch, and the task as the first message", async () => {
    await begin("first", { agent });
    expect(asked[0]).toMatchObject({
      prompt: "the task",
      promptFile: file("prompt.md"),
      instructions: { text: "how to work", file: file("instructions.md") },
      launch: 2,
    });
    expect([text("prompt.md"), text("instructions.md")]).toEqual(["the task", "how to work"]);
    await begin("restore", { agent });
    expect(asked[1]?.instructions?.text).toBe("how to work");
  });

  test("that hands off to one that does not leaves none behind", async () => {
    await begin("first", { agent });
    await begin("handoff", { agent: { takesInstructions: false } });
    expect(asked[1]?.instructions).toBeUndefined();
    expect(existsSync(file("instructions.md"))).toBe(false);
    expect(asked[1]?.prompt).toMatch(/^how to work\ntake over: the task/);
  });
});

describe("a return", () => {
  test("to a conversation sends nothing", async () => {
    const facts = await begin("restore", { agent: { promptDelivery: "post-launch" } });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.resume).toEqual({ agentSessionId: "conv-1" });
    expect(asked[0]).not.toHaveProperty("prompt");
    expect(existsSync(file("continue-2.md"))).toBe(false);
    expect(facts.map(({ kind }) => kind)).toEqual(["launched"]);
    expect(facts[0]).not.toHaveProperty("note");
  });

  test("without one starts a new one, and says so", async () => {
    const [launched] = await begin("restore", { resumes: false });
    expect(launched).toMatchObject({ kind: "launched", note: /began a new one/ });
    expect(asked.map(({ resume, prompt }) => [resume?.message !== undefined, prompt?.slice(0, 30)])).toEqual([
      [false, undefined],
      [true, undefined],
      [false, "how to work\ngo on with the tas"],
    ]);
    expect(text("continue-2.md")).toBe(asked[2]?.prompt);
  });

  test("of an agent that needs a prompt to resume, or exits after each turn, sends one", async () => {
    await begin("restore", { resumes: "words" });
    expect(asked.at(-1)?.resume).toMatchObject({ message: text("continue-2.md"), messageFile: file("continue-2.md") });
    asked = [];
    await begin("restore", { agent: { lifetime: "per-turn" } });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.resume?.message).toContain("go on");
  });
});

test("a turn carries its message", async () => {
  const message = { id: "m1", origin: "user" as const, reaction: null, text: "more", createdAt: iso() };
  const rest = { heldFor: null, isUrgent: false, writtenAt: null, settledAt: null, failure: null, restoredFor: false };
  await begin("turn", { record: { messages: { list: [{ ...message, state: "writing", ...rest }] } } });
  expect(asked[0]?.resume).toEqual({ agentSessionId: "conv-1", message: "more", messageFile: file("message-m1.md") });
});

test("a handoff gives the new agent the task, the changes and the conversation of the old one", async () => {
  await begin("first", { agent: { takesInstructions: true } });
  const former = { ...world.agent, getTranscript: async () => "said before" };
  const formerAgent = () => ({ record: aRecord({ agent: "one" }), agent: async () => former });
  Object.assign(world.workspace, { getDiff: async () => "the diff" });
  await begin("handoff", {
    agent: { takesInstructions: true },
    call: { formerAgent },
    record: { workspacePath: "/w" },
  });
  expect(asked.at(-1)).toMatchObject({ prompt: "take over: the task, the diff, said before" });
  expect(asked.at(-1)).not.toHaveProperty("resume");
  expect(text("handoff-2.md")).toBe(asked.at(-1)?.prompt);
  expect(text("prompt.md")).toBe("the task");
});

test("a handoff continues without what its sources cannot provide", async () => {
  const getTranscript = async () => Promise.reject(new Error("gone"));
  const formerAgent = () => ({ record: aRecord(), agent: async () => ({ ...world.agent, getTranscript }) });
  await begin("handoff", { call: { formerAgent } });
  expect(asked[0]?.prompt).toBe("how to work\ntake over: the task, null, null");
  expect(world.warnings.join()).toContain("gone");
});

test("the environment of the agent's options overrides the session's, but not the plugin's own or that of `ao`", async () => {
  await begin("first");
  expect(asked[0]?.environment).toEqual({
    ...{ PATH: "/bin", AO_HOME: "/home/dev/.ao", A: "config", B: "config" },
    ...{ GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "memory.branch", GIT_CONFIG_VALUE_0: "feat/42" },
  });
  expect(world.runtime.of("app-1")?.config.environment).toMatchObject({
    PATH: "/bin",
    AO_HOME: "/home/dev/.ao",
    A: "spec",
    B: "config",
  });
});

test("the guard of pushes comes after settings that the agent's options give its git", async () => {
  const env = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "user.name", GIT_CONFIG_VALUE_0: "Bot" };
  await begin("first", { call: { agentConfig: () => ({ env }) } });
  expect(asked[0]?.environment).toMatchObject({
    GIT_CONFIG_COUNT: "2",
    GIT_CONFIG_VALUE_0: "Bot",
    GIT_CONFIG_VALUE_1: "feat/42",
  });
});

describe("an issue that the tracker can't tell about now", () => {
  const task = { issue: { id: "1", title: "Wrong total", url: "memory://issues/1" }, prompt: null };
  const told = { ...prompting, task: ({ issueText }: { issueText: string | null }) => `the issue: ${issueText}` };

  test("is told as it was when the session was requested", async () => {
    world.tracker.seed({ title: "Wrong total", description: "Now." });
    keepIssueText(world.paths(aRecord()).sessionDir, "Then.");
    await begin("first", { record: { task }, prompting: told });
    expect(asked.at(-1)?.prompt).toMatch(/the issue: Wrong total\n\nNow\./);
    // An outage, a missing token, a rate limit.
    for (const code of ["UNREACHABLE", "UNAVAILABLE", "TRY_AGAIN"] as const) {
      asked = [];
      world.tracker.generatePrompt = () => Promise.reject(new AoError(code, "not now"));
      await begin("first", { record: { task }, prompting: told });
      expect(asked.at(-1)?.prompt, code).toMatch(/the issue: Then\./);
    }
  });

  test("fails the start if nothing was kept, or if it is gone", async () => {
    world.faults.always("tracker.generatePrompt", "cannot-tell");
    expect(await begin("first", { record: { task } })).toMatchObject([{ kind: "start-failed", step: "agent" }]);
    world.faults.always("tracker.generatePrompt", null);
    keepIssueText(world.paths(aRecord()).sessionDir, "Then.");
    expect(await begin("first", { record: { task } })).toMatchObject([{ failure: { code: "NOT_FOUND" } }]);
  });
});

test.each([
  ["resumes by its own command", "agent --continue conv-1"],
  ["begins anew, with words that say so, if it has none for this session", null],
])("an agent that has only command lines %s", async (_, command) => {
  await begin("restore", { agent: { getRestoreCommand: async () => command }, isPlain: true });
  expect(world.runtime.of("app-1")?.config.launchCommand).toBe(command ?? "exec memory-agent");
  expect(existsSync(file("continue-2.md"))).toBe(command === null);
});
