import { expect, test } from "vitest";
import { type Rig, type RigOptions, rig } from "./testing/rig.ts";

const SEC = 1000;
const MIN = 60 * SEC;

async function running(options: RigOptions = {}): Promise<Rig> {
  const made = await rig(options);
  await made.spawn("app-1");
  await made.pass(100);
  return made;
}

const commit = ({ world }: Rig) => world.repository.commit("feat/app-1", { "a.txt": "a" });

test("an exit that is pushed is reported at once", async () => {
  const { world, pass, session } = await running();
  world.runtime.print("app-1", "bye");
  world.runtime.exit("app-1", { code: 3 });
  await pass(0);
  expect(session("app-1").launch.last?.exit).toMatchObject({ code: 3, lastOutput: "bye", wasAsked: false });
  expect(session("app-1").status).toBe("errored");
});

test("a look within half a minute finds an exit whose push was lost", async () => {
  const { world, pass, session } = await running();
  world.runtime.isMuted = true;
  world.runtime.exit("app-1", { code: 3 });
  await pass(100);
  expect(session("app-1").launch.last?.exit).toBeNull();
  await pass(30 * SEC);
  expect(session("app-1").launch.last?.exit).toMatchObject({ code: 3 });
});

for (const fault of ["cannot-tell", "fail", "hang", "deaf"] as const) {
  test(`a runtime that answers "${fault}" for half an hour kills no session`, async () => {
    const { world, pass, session } = await running();
    world.faults.always("runtime.getProcess", fault);
    world.faults.always("runtime.isAlive", fault);
    await pass(30 * MIN);
    expect(session("app-1")).toMatchObject({ phase: "running", ending: null });
    expect(session("app-1").launch.last?.exit).toBeNull();
  });
}

test("a slow runtime is not mistaken for a machine that slept", async () => {
  const { world, pass, session } = await running();
  world.agent.activity("app-1", "active");
  world.faults.always("runtime.getProcess", "deaf");
  await pass(11 * MIN);
  expect(session("app-1").status).toBe("stuck");
});

test("the death of the whole runtime is reported with its reason, and the session can be restored", async () => {
  const { world, pass, session, tell } = await running();
  world.runtime.dieAll("the server was killed");
  await pass(0);
  expect(session("app-1").ending).toMatchObject({ status: "killed", by: "world", reason: "the server was killed" });
  await tell("app-1", { kind: "wish-restore" });
  await pass(100);
  expect(session("app-1").phase).toBe("running");
  expect(world.workspace.made.get("app-1")).toBe(1);
});

test("a watch that could not be opened is opened later, and reports each fact once", async () => {
  const made = await rig();
  made.world.faults.inject("runtime.watch", "fail", 3);
  await made.spawn("app-1");
  await made.pass(100);
  expect(made.world.runtime.watcherCount).toBe(0);
  await made.pass(7 * SEC);
  expect(made.world.runtime.watcherCount).toBe(1);
  expect(made.world.agent.observerCount).toBe(1);
});

test("a watch that opens late does not disturb the watch of the next launch", async () => {
  const made = await rig();
  const { world, spawn, pass, tell } = made;
  world.faults.inject("runtime.watch", "fail");
  await spawn("app-1");
  await pass(100);
  world.runtime.exit("app-1", { code: 1 });
  await pass(1_950 - 100);
  await tell("app-1", { kind: "wish-kill", remove: false, by: "user", reason: "no" });
  await tell("app-1", { kind: "wish-restore" });
  await pass(10 * SEC);
  expect(world.runtime.watcherCount).toBeLessThanOrEqual(1);
  expect(world.agent.observerCount).toBeLessThanOrEqual(1);
});

test("the watch ends with the launch", async () => {
  const { world, pass, tell } = await running();
  await tell("app-1", { kind: "wish-kill", remove: false, by: "user", reason: "no" });
  await pass(100);
  expect([world.runtime.watcherCount, world.agent.observerCount]).toEqual([0, 0]);
});

test("a checkout that could not be inspected is inspected again, and its work becomes a pull request", async () => {
  const made = await running();
  const { world, pass, session } = made;
  world.agent.activity("app-1", "active");
  await pass(SEC);
  commit(made);
  world.faults.inject("workspace.inspect", "cannot-tell", 2);
  world.agent.activity("app-1", "ready");
  await pass(SEC);
  expect(session("app-1").pr.snapshot).toBeNull();
  await pass(2 * MIN);
  expect(session("app-1").pr.snapshot?.info.branch).toBe("feat/app-1");
});

test("stops even if a watch never closes", async () => {
  const { world, observers, pass, spawn } = await running();
  world.faults.inject("agent.observe", "deaf");
  await spawn("app-2");
  await pass(100);
  const stopped = observers?.stop();
  await pass(6 * SEC);
  await stopped;
});

test("asks for all pull requests of a project at once, in one loop for any number of sessions", async () => {
  const made = await rig();
  const { world, spawn, pass } = made;
  for (const id of ["app-1", "app-2", "app-3"]) {
    await spawn(id);
    await pass(100);
    world.repository.commit(`feat/${id}`, { [id]: "a" });
    await world.scm.createPR({ title: id, body: "", branch: `feat/${id}`, baseBranch: "main" });
  }
  await pass(40 * SEC);
  const before = world.faults.count("scm.getSnapshots");
  await pass(5 * MIN);
  expect(world.faults.count("scm.getSnapshots") - before).toBe(10);
  expect(world.scm.watcherCount).toBe(1);
});

test("an scm that cannot be watched is polled until it can be", async () => {
  const made = await rig();
  const { world, pass, session } = made;
  world.faults.inject("scm.watch", "fail", 2);
  await made.spawn("app-1");
  await pass(100);
  commit(made);
  await world.scm.createPR({ title: "t", body: "", branch: "feat/app-1", baseBranch: "main" });
  await pass(31 * SEC);
  expect(session("app-1").pr.snapshot?.state).toBe("open");
  await pass(60 * SEC);
  expect(world.scm.watcherCount).toBe(1);
  world.scm.report("feat/app-1", { name: "test", isPassing: true });
  await pass(100);
  expect(session("app-1").pr.snapshot?.ci).toBe("passing");
});

test.each(["hang", "deaf", "slow"] as const)(
  "an scm whose watch does not open (%s) is polled, and its watch is never opened twice",
  async (fault) => {
    const made = await rig();
    const { world, pass, session } = made;
    world.faults.slowMs = 90 * SEC;
    world.faults.inject("scm.watch", fault);
    await made.spawn("app-1");
    await pass(100);
    commit(made);
    await world.scm.createPR({ title: "t", body: "", branch: "feat/app-1", baseBranch: "main" });
    await pass(100 * SEC);
    expect(session("app-1").pr.snapshot?.state).toBe("open");
    await pass(2 * MIN);
    expect(world.scm.watcherCount).toBe(1);
  },
);

test("the watch of a project ends with its last session and starts again with the next", async () => {
  const { world, tell, pass, spawn } = await running();
  await pass(SEC);
  await tell("app-1", { kind: "wish-kill", remove: true, by: "user", reason: "no" });
  await pass(60 * SEC);
  expect(world.scm.watcherCount).toBe(0);
  await spawn("app-2");
  await pass(SEC);
  expect(world.scm.watcherCount).toBe(1);
});

test("a commit in the middle of a turn triggers a look at the checkout and the forge at once", async () => {
  const { world, pass, session } = await running();
  world.agent.activity("app-1", "active");
  await pass(5 * SEC);
  const asked = world.faults.count("scm.getSnapshots") + world.faults.count("scm.detectPR");
  commit({ world } as Rig);
  await pass(5 * SEC);
  expect(session("app-1").work?.commitsAhead).toBe(0);
  world.workspace.move(session("app-1").workspacePath ?? "");
  await pass(100);
  expect(session("app-1").work?.commitsAhead).toBe(1);
  expect(session("app-1").turnStartedAt).not.toBeNull();
  expect(world.faults.count("scm.getSnapshots") + world.faults.count("scm.detectPR")).toBeGreaterThan(asked);
});
