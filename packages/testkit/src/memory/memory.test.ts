import { expect, test } from "vitest";
import { agentContract } from "../contracts/agent.ts";
import { notifierContract } from "../contracts/notifier.ts";
import { scmContract } from "../contracts/scm.ts";
import { trackerContract } from "../contracts/tracker.ts";
import { fakeClock } from "../fake-clock.ts";
import { projectConfig } from "../plugin-context.ts";
import { pluginSession } from "../session.ts";
import { memoryAgent } from "./agent.ts";
import { createFaults, type Faults } from "./faults.ts";
import { memoryNotifier } from "./notifier.ts";
import { memoryRepository } from "./repository.ts";
import { memoryRuntime } from "./runtime.ts";
import { memoryScm } from "./scm.ts";
import { memoryTracker } from "./tracker.ts";
import { memoryWorkspace } from "./workspace.ts";

const clock = fakeClock();
const project = projectConfig({ id: "my-app" });

/** Every call from now on hangs. */
const stall = (faults: Faults): void => {
  faults.chance = () => "hang";
};

const agentInMemory = () => memoryAgent({ clock, faults: createFaults(clock) });

agentContract("the agent in memory", {
  create: agentInMemory,
  async atWork() {
    const agent = agentInMemory();
    const session = pluginSession();
    const be = (state: "active" | "ready") => agent.activity(session.id, state);
    return {
      agent,
      session,
      terminal: { screen: async () => null, write: async () => undefined, press: async () => undefined },
      onObserved: () => be("ready"),
      work: () => be("active"),
      rest() {
        be("ready");
        agent.say(session.id, { kind: "turn-ended", at: new Date(clock.now()).toISOString() });
      },
      ask: () => void agent.ask(session.id),
      answers: () => agent.answers,
      interrupts: () => agent.interrupted.length,
    };
  },
});

trackerContract("the tracker in memory", {
  capabilities: { list: true, create: true, update: true, comment: true, label: true },
  async setUp() {
    const faults = createFaults(clock);
    const tracker = memoryTracker({ faults });
    return { tracker, project, seed: async (issue) => tracker.seed(issue), stall: () => stall(faults) };
  },
});

notifierContract("the notifier in memory", {
  async reachable() {
    const notifier = memoryNotifier({ faults: createFaults(clock) });
    const clean = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f\u202e]/g, "");
    const seen = () =>
      notifier.told.map(({ type, sessionId, message }) => ({
        title: clean(`${type} ${sessionId}`),
        body: clean(message),
      }));
    return { notifier, seen };
  },
  stalled() {
    const faults = createFaults(clock);
    stall(faults);
    return memoryNotifier({ faults });
  },
  unreachable: () => Object.assign(memoryNotifier({ faults: createFaults(clock) }), { isReachable: false }),
});

scmContract("the scm in memory", {
  capabilities: {
    snapshots: true,
    create: true,
    review: true,
    resolve: true,
    diff: true,
    pinnedMerge: true,
    watch: true,
    checks: true,
  },
  async setUp(options) {
    const repository = memoryRepository();
    const requiredChecks = options?.checks ?? [];
    const faults = createFaults(clock);
    const scm = memoryScm({ repository, clock, faults, requiredChecks });
    return {
      scm,
      project,
      async commit(branch, files) {
        const sha = repository.commit(branch, files);
        scm.stir(branch);
        return sha;
      },
      open: (branch, title) => scm.createPR({ title, body: "", branch, baseBranch: "main" }),
      report: async (branch, check) => scm.report(branch, check),
      stall: () => stall(faults),
    };
  },
});

/** The contracts of these two slots need real programs and real git. This tests what the engine relies on. */
test("a program is started once per intent, gets a message once per id, and ends once", async () => {
  const runtime = memoryRuntime({ clock, faults: createFaults(clock) });
  const config = { sessionId: "app-1", workspacePath: "/w", launchCommand: "", environment: {}, intentId: "i" };
  const handle = await runtime.create(config);
  expect((await runtime.create(config)).id).toBe(handle.id);
  const seen: string[] = [];
  const watching = await runtime.watch(handle, ({ kind }) => void seen.push(kind));
  for (const id of ["a", "a", "b"]) await runtime.sendMessage(handle, "hello", { id });
  expect(runtime.of("app-1")?.got.map(({ id }) => id)).toEqual(["a", "b"]);
  runtime.print("app-1", "bye");
  runtime.exit("app-1", { code: 7 });
  await runtime.destroy(handle);
  expect(seen).toEqual(["ready", "output", "exit"]);
  expect(await runtime.getProcess(handle)).toMatchObject({ alive: false, exit: { code: 7 } });
  await expect(runtime.sendMessage(handle, "late")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await watching.stop();
  expect(await runtime.list()).toEqual([]);
});

test("a checkout is created once, kept before it is removed, and restored with its contents", async () => {
  const workspace = memoryWorkspace({ repository: memoryRepository(), faults: createFaults(clock) });
  const config = { projectId: "my-app", sessionId: "app-1", project, branch: "feat/1", path: "/w/app-1" };
  const info = await workspace.create(config);
  expect(await workspace.create(config)).toEqual(info);
  workspace.edit(info.path, "a.txt");
  await workspace.preserve(info.path, project, { into: "/kept" });
  await workspace.destroy(info.path);
  await workspace.destroy(info.path);
  expect(await workspace.exists(info.path)).toBe(false);
  await workspace.restore({ ...config, preserved: "/kept" }, info.path);
  expect(await workspace.inspect(info.path, project)).toMatchObject({ branch: "feat/1", changedFiles: 1 });
});

test("faults affect the calls that they are meant for", async () => {
  const faults = createFaults(clock);
  let done = 0;
  const call = (signal?: AbortSignal) => faults.run("x", signal && { signal }, () => ++done);
  for (const fault of ["fail", "cannot-tell", "late"] as const) faults.inject("x", fault);
  const codes = [];
  for (let n = 0; n < 3; n++) codes.push(await call().catch((error) => error.code));
  expect([codes, done]).toEqual([["FAILED", "UNREACHABLE", "UNREACHABLE"], 1]);
  faults.always("x", "hang");
  const giveUp = new AbortController();
  const hanging = call(giveUp.signal);
  giveUp.abort();
  await expect(hanging).rejects.toThrow();
  faults.always("x", "slow");
  const slow = call();
  await clock.pass(3_000);
  expect(await slow).toBe(2);
});
