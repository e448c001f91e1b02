import { type MemoryWorld, memoryWorld } from "@agent-orchestrator/testkit/memory/world";
import { aPr, aRecord } from "@agent-orchestrator/testkit/records";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { beforeEach, describe, expect, test } from "vitest";
import { agentTerminal } from "../act/agent-terminal.ts";
import { toIso } from "../host/clock.ts";
import { createLookPace } from "../host/look-pace.ts";
import { AoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import { withChanges } from "../model/record-changes.ts";
import type { SessionRecord } from "../model/session.ts";
import type { SCM } from "../slots/scm.ts";
import { ask } from "./ask.ts";
import { watchLaunch } from "./launch-watch.ts";
import { observeProcess } from "./process.ts";
import { observePullRequests } from "./pull-requests.ts";
import { observeWork } from "./work.ts";

let world: MemoryWorld;
let signal: AbortSignal;
let told: ToldFact[];
beforeEach(() => {
  world = memoryWorld({ home: tempDir("ao-observe") });
  signal = new AbortController().signal;
  told = [];
});
const tell = (facts: ToldFact[]) => void told.push(...facts);
const kinds = () => told.map(({ kind }) => kind);

describe("ask", () => {
  const put = (question: () => Promise<unknown>, limit = signal) =>
    ask(question, { whom: "the oracle", timeoutMs: 5_000, clock: world.clock, signal: limit });

  test("returns an answer, and turns a failure into a fact, thrown at once or later", async () => {
    expect(await put(async () => 7)).toEqual({ ok: true, value: 7 });
    expect(await put(() => Promise.reject(new Error("no")))).toMatchObject({ ok: false, failure: { message: "no" } });
    const throws = () => {
      throw new Error("no");
    };
    expect(await put(throws)).toMatchObject({ ok: false, failure: { code: "FAILED" } });
    expect(world.clock.sleepers).toBe(0);
  });

  test("turns a missed deadline into a fact, even if the plugin ignores the abort", async () => {
    const asked = put(() => new Promise(() => undefined));
    await world.clock.pass(5_000);
    const failure = { code: "UNREACHABLE", message: "the oracle did not answer within 5 s" };
    expect(await asked).toEqual({ ok: false, failure });
  });

  test("rejects at once if the caller gives up", async () => {
    const giveUp = new AbortController();
    const asked = put(() => new Promise(() => undefined), giveUp.signal);
    giveUp.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
    await expect(put(async () => 7, giveUp.signal)).rejects.toThrow("enough");
  });
});

async function launched() {
  const config = { sessionId: "app-1", workspacePath: "/w", launchCommand: "", environment: {}, intentId: "i" };
  const handle = { ...(await world.runtime.create(config)) };
  const times = { requestedAt: aRecord().createdAt, startedAt: aRecord().createdAt };
  const rest = { pid: 1, startId: null, isReady: true, exit: null };
  return { number: 1, mode: "first" as const, messageId: null, ...times, handle, ...rest };
}

describe("a process", () => {
  const look = async (launch: Awaited<ReturnType<typeof launched>>) =>
    observeProcess({ runtime: world.runtime, launch, clock: world.clock, signal });

  test("that is running is not reported, and one that ended is, with its last output", async () => {
    const launch = await launched();
    expect(await look(launch)).toEqual([]);
    world.runtime.print("app-1", "bye");
    world.runtime.exit("app-1", { code: 2 });
    expect(await look(launch)).toMatchObject([{ kind: "exited", launch: 1, exit: { code: 2, lastOutput: "bye" } }]);
  });

  test("whose state is unknown has not ended", async () => {
    const launch = await launched();
    world.runtime.exit("app-1");
    world.faults.inject("runtime.getProcess", "cannot-tell");
    expect(await look(launch)).toMatchObject([{ kind: "unanswered", question: "process" }]);
  });
});

test("work is reported with the time before the look, and a failure to look as such", async () => {
  const record = aRecord({ branch: "feat/1", workspacePath: "/w" });
  const project = world.config;
  if (project === null) throw new Error("no config");
  await world.workspace.create({ projectId: "my-app", sessionId: "app-1", project, branch: "feat/1", path: "/w" });
  world.repository.commit("feat/1", { a: "a" });
  const began = toIso(world.clock.now());
  world.faults.inject("workspace.inspect", "slow");
  const look = () =>
    observeWork({ record, isLight: false, project, workspace: world.workspace, clock: world.clock, signal });
  const looking = look();
  await world.clock.pass(3_000);
  expect(await looking).toMatchObject([{ kind: "work", work: { commitsAhead: 1, at: began } }]);
  world.faults.inject("workspace.inspect", "fail");
  expect(await look()).toMatchObject([{ kind: "unanswered", question: "work" }]);
});

describe("a launch", () => {
  const watch = async () => {
    const { handle } = await launched();
    const { runtime, agent, log, workspace, clock } = world;
    const terminal = agentTerminal(runtime, handle);
    const seen = { session: pluginSession(), handle, headSha: null, pace: createLookPace(clock) };
    const plugins = { runtime, agent, terminal, workspace };
    return watchLaunch({
      ...seen,
      ...plugins,
      log,
      clock,
      tell,
      stuckAfterMs: 600_000,
      readyThresholdMs: () => 300_000,
    });
  };

  test("output is reported once a minute, even after the clock was set back, and the agent plugin gets all of it", async () => {
    const watching = await watch();
    for (let n = 0; n < 3; n++) world.runtime.print("app-1", "x");
    world.clock.setWall(world.clock.now() - 86_400_000);
    world.runtime.print("app-1", "x");
    expect(kinds()).toEqual(["ready", "output", "output"]);
    expect(world.agent.hints.map(({ kind }) => kind)).toEqual(["ready", "output", "output", "output", "output"]);
    await watching.stop();
    world.runtime.exit("app-1");
    expect(kinds()).not.toContain("exited");
  });

  test("that could not be watched leaves no partial watch behind", async () => {
    world.faults.inject("runtime.watch", "fail");
    await expect(watch()).rejects.toThrow();
    expect(world.agent.observerCount).toBe(0);
  });
});

describe("pull requests", () => {
  let record: SessionRecord;
  beforeEach(async () => {
    record = aRecord({ branch: "feat/1" });
    world.repository.commit("feat/1", { a: "a" });
  });
  const open = () => world.scm.createPR({ title: "t", body: "", branch: "feat/1", baseBranch: "main" });
  const look = async (current: () => SessionRecord | undefined = () => record, scm: SCM = world.scm) => {
    told = [];
    if (world.config === null) throw new Error("no config");
    const base = { scm, project: world.config, records: [record], isWoken: false, clock: world.clock, signal };
    const toSession = ({ branch }: SessionRecord) => pluginSession({ branch });
    await observePullRequests({
      ...base,
      toSession,
      current,
      tell: (_, facts) => tell(facts),
      answered: () => undefined,
    });
    const fact = told.find(({ kind }) => kind === "pr");
    if (fact?.kind === "pr")
      record = withChanges(record, { pr: { snapshot: fact.snapshot, seenAt: aRecord().createdAt } });
    return kinds();
  };

  test("only changes are reported", async () => {
    expect(await look()).toEqual(["pr-none"]);
    record = withChanges(record, { pr: { seenAt: aRecord().createdAt } });
    expect(await look()).toEqual([]);
    await open();
    expect(await look()).toEqual(["pr"]);
    expect(await look()).toEqual([]);
  });

  test("a failure of the scm is reported once, and so is its recovery", async () => {
    await open();
    await look();
    world.faults.always("scm.getSnapshots", "cannot-tell");
    expect(await look()).toEqual(["unanswered"]);
    record = withChanges(record, { pr: { unansweredSince: aRecord().createdAt } });
    expect(await look()).toEqual([]);
    world.faults.always("scm.getSnapshots", null);
    expect(await look()).toEqual(["pr"]);
  });

  test("a pull request that cannot be read is reported with the scm's own reason", async () => {
    await open();
    const unreadable: SCM = {
      ...world.scm,
      getSnapshots: async () => [null],
      getPRState: async () => {
        throw new AoError("UNREACHABLE", "pull request 1 could not be read: no route to host");
      },
    };
    expect(await look(() => record, unreadable)).toEqual(["unanswered"]);
    expect(told[0]).toMatchObject({ failure: { message: "pull request 1 could not be read: no route to host" } });
  });

  const logsTold = () => told.flatMap((fact) => (fact.kind === "check-log" ? [[fact.key, fact.log] as const] : []));

  test("the log of each failing check is read once", async () => {
    await open();
    world.scm.report("feat/1", { name: "test", isPassing: false, log: "not ok" });
    world.scm.report("feat/1", { name: "lint", isPassing: false });
    expect(await look()).toEqual(["pr", "check-log", "check-log"]);
    const logs = logsTold();
    expect(logs).toEqual([
      ["test#1", "not ok"],
      ["lint#1", ""],
    ]);
    record = withChanges(record, { pr: { checkLogs: Object.fromEntries(logs) } });
    expect(await look()).toEqual([]);
  });

  test("a log that could not be read is tried again a few seconds later", async () => {
    await open();
    world.scm.report("feat/1", { name: "test", isPassing: false, log: "not ok" });
    world.faults.inject("scm.getCheckLog", "fail");
    expect(await look()).toEqual(["pr"]);
    expect(await look()).toEqual([]);
    await world.clock.pass(5_000);
    expect(await look()).toEqual(["check-log"]);
    expect(logsTold()).toEqual([["test#1", "not ok"]]);
  });

  test("a log that can never be read is done without before a reaction stops waiting for it", async () => {
    await open();
    world.scm.report("feat/1", { name: "test", isPassing: false });
    world.faults.always("scm.getCheckLog", "fail");
    const start = world.clock.now();
    const kinds = await look();
    while (!kinds.includes("check-log")) {
      await world.clock.pass(5_000);
      kinds.push(...(await look()));
    }
    expect(logsTold()).toEqual([["test#1", null]]);
    expect(world.clock.now() - start).toBeLessThan(30_000);
  });

  test("what a pull request conflicts in is asked once for each head and base, and a failure is an answer", async () => {
    const info = await open();
    const found = { files: ["a"], fileCount: 1, commits: [], commitCount: 1 };
    const asked: string[] = [];
    let baseSha = "1".repeat(40);
    const scm: SCM = {
      ...world.scm,
      getSnapshots: async () => [aPr({ info, hasConflicts: true, baseSha })],
      getConflicts: async (_, ends) => {
        asked.push(ends.baseSha[0] ?? "");
        if (ends.baseSha === "2".repeat(40)) throw new Error("no git");
        return found;
      },
    };
    const detailsOf = () => told.flatMap((fact) => (fact.kind === "conflicts" ? [fact] : []));
    const remember = () => {
      for (const { headSha, baseSha: base, found: what } of detailsOf()) {
        record = withChanges(record, { pr: { conflictDetails: { headSha, baseSha: base, found: what } } });
      }
    };
    expect(await look(() => record, scm)).toEqual(["pr", "conflicts"]);
    expect(detailsOf()).toMatchObject([{ found }]);
    remember();
    expect(await look(() => record, scm)).toEqual([]);
    baseSha = "2".repeat(40);
    expect(await look(() => record, scm)).toEqual(["pr", "conflicts"]);
    expect(detailsOf()).toMatchObject([{ found: null }]);
    remember();
    expect(await look(() => record, scm)).toEqual([]);
    expect(asked).toEqual(["1", "2"]);
  });

  test("a check that has no log is told apart from one whose log cannot be read", async () => {
    await open();
    world.scm.report("feat/1", { name: "external", isPassing: false });
    const getCheckLog = () => Promise.reject(new AoError("NOT_FOUND", "external has no log"));
    await look(() => record, { ...world.scm, getCheckLog });
    expect(told.at(-1)).toMatchObject({ kind: "check-log", key: "external#1", log: "" });
  });

  test("an answer older than the last report is dropped", async () => {
    const before = record;
    await open();
    await look();
    const newer = record;
    record = before;
    expect(await look(() => newer)).toEqual([]);
  });
});
