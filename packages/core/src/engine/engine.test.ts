import { expect, test } from "vitest";
import { AoError } from "../model/errors.ts";
import { createEngine } from "./engine.ts";
import { newSession, rig } from "./testing/rig.ts";

const SEC = 1000;
const MIN = 60 * SEC;

const failing = (error: unknown) => () => {
  throw error;
};

test("a session starts with a checkout and a program, and leaves no intent open", async () => {
  const { spawn, pass, session, engine, world, events } = await rig();
  await spawn("app-1");
  await pass(100);
  expect(session("app-1")).toMatchObject({ phase: "running", status: "working" });
  expect(world.runtime.alive("app-1")).toHaveLength(1);
  expect(engine.state.intents).toEqual({});
  expect(events()).toContain("session.spawned");
});

test("a commit that fails leaves the old state in force, keeps the facts, and is retried", async () => {
  const { spawn, tell, pass, session, engine, store, world } = await rig();
  await spawn("app-1");
  await pass(100);
  const { commit } = store;
  let tries = 0;
  store.commit = () => {
    tries += 1;
    throw new AoError("NO_SPACE", "no room");
  };
  const wished = engine.until(({ sessions }) => sessions["app-1"]?.extra.colour);
  const refused = expect(wished).rejects.toMatchObject({ code: "NO_SPACE" });
  await tell("app-1", { kind: "agent-info", agentSessionId: "a1" }, { kind: "wish-set", key: "colour", value: "red" });
  for (let n = 0; n < 20; n++) await tell("app-1", { kind: "agent-info", summary: String(n) });
  await refused;
  expect(engine.trouble).toMatchObject({ code: "NO_SPACE" });
  expect(session("app-1").summary).toBeNull();
  expect(tries).toBe(1);
  expect(world.warnings.join()).toContain("no room");
  store.commit = commit;
  await pass(3 * SEC);
  expect(session("app-1")).toMatchObject({ launch: { agentSessionId: "a1" }, summary: "19" });
  // The caller was told that it was not done, so it must not happen later.
  expect(session("app-1").extra).toEqual({});
  expect(engine.trouble).toBeNull();
});

test("nothing is done before it is committed", async () => {
  const { spawn, store, world, pass } = await rig({ isObserved: false });
  const { commit } = store;
  store.commit = failing(new AoError("NO_SPACE", "no room"));
  await expect(spawn("app-1")).rejects.toMatchObject({ code: "NO_SPACE" });
  store.commit = commit;
  await pass(3 * SEC);
  expect(world.faults.calls).toEqual([]);
});

const pauseAll = { kind: "pause", target: { scope: "everything" }, isPaused: true, wish: null } as const;

test("the caller of a refused command is told, and the other commands go on", async () => {
  const { engine, pass } = await rig();
  const branch = { branch: "mine", useExistingBranch: true };
  const twins = [newSession("app-1", branch), newSession("app-2", branch)];
  const refused = engine.command({ kind: "spawn", sessions: twins, wish: null });
  const accepted = engine.command(pauseAll);
  const why = { code: "REFUSED", message: "branch mine is in use by app-1 (queued)" };
  await Promise.all([expect(refused).rejects.toMatchObject(why), pass(0)]);
  expect(await accepted).toEqual({ granted: [], isReleased: false });
  expect(engine.state).toMatchObject({ isPaused: true, sessions: {} });
});

test("the caller of a command goes on before what follows from it begins", async () => {
  const { engine, world, pass } = await rig({ isObserved: false });
  const order: string[] = [];
  const { environment } = world;
  world.environment = (record) => {
    order.push("the start looks for its environment");
    return environment.call(world, record);
  };
  const done = (async () => {
    const { ids } = await engine.command({ kind: "spawn", sessions: [newSession("app-1")], wish: null });
    order.push(`${ids[0]} is told to its caller`);
  })();
  await Promise.all([done, pass(100)]);
  expect(order).toEqual(["app-1 is told to its caller", "the start looks for its environment"]);
});

test("what a command reports to sessions does not happen if it cannot be committed", async () => {
  const { engine, store, spawn, session, pass } = await rig({ isObserved: false });
  await spawn("app-1");
  const { commit } = store;
  store.commit = failing(new AoError("NO_SPACE", "no room"));
  const target = { scope: "session", sessionId: "app-1" } as const;
  const paused = engine.command({ kind: "pause", target, isPaused: true, wish: null });
  await Promise.all([expect(paused).rejects.toMatchObject({ code: "NO_SPACE" }), pass(0)]);
  store.commit = commit;
  await pass(3 * SEC);
  expect(session("app-1").isPaused).toBe(false);
  await Promise.all([engine.command({ kind: "pause", target, isPaused: true, wish: null }), pass(0)]);
  expect(session("app-1").isPaused).toBe(true);
});

test("a fact that arrives during a step is taken in the next one", async () => {
  const { engine, spawn, session, pass } = await rig();
  await spawn("app-1");
  const stop = engine.onCommit(() => {
    stop();
    engine.tell("app-1", [{ kind: "wish-set", key: "late", value: "yes" }]);
  });
  engine.tell("app-1", [{ kind: "wish-set", key: "early", value: "yes" }]);
  await pass(0);
  expect(session("app-1").extra).toEqual({ early: "yes", late: "yes" });
});

test("a bug in one session stops neither the others nor the engine", async () => {
  const { spawn, tell, session, world, pass } = await rig();
  await spawn("app-1");
  await spawn("app-2");
  await pass(100);
  const { policy } = world;
  world.policy = (record, state) => (record.id === "app-1" ? failing(new Error("a bug"))() : policy(record, state));
  await tell("app-1", { kind: "wish-set", key: "a", value: "1" });
  await tell("app-2", { kind: "wish-set", key: "a", value: "1" });
  expect(session("app-2").extra).toEqual({ a: "1" });
  expect(world.warnings.join()).toContain("app-1: Error: a bug");
});

test("a listener that throws does not affect the others", async () => {
  const { engine, spawn } = await rig();
  const heard: string[] = [];
  engine.onCommit(failing(new Error("a bug")));
  engine.onCommit((changed) => void heard.push(...changed.map(({ id }) => id)));
  await spawn("app-1");
  expect(heard).toContain("app-1");
});

test("a stopped engine refuses facts with a reason, and leaves no timer behind", async () => {
  const { engine, spawn, tell, session, world, pass } = await rig({ isObserved: false });
  await spawn("app-1");
  await pass(100);
  const waiting = Promise.all([engine.command(pauseAll), engine.settled()]);
  const stopped = engine.stop();
  await expect(waiting).rejects.toMatchObject({ code: "TRY_AGAIN" });
  await expect(engine.command(pauseAll)).rejects.toMatchObject({ code: "TRY_AGAIN" });
  await stopped;
  await tell("app-1", { kind: "wish-set", key: "a", value: "1" });
  expect(session("app-1").extra).toEqual({});
  const before = world.clock.sleepers;
  await pass(10 * MIN);
  expect(world.clock.sleepers).toBeLessThanOrEqual(before);
});

test("what was under way when the daemon died is done once by the next one", async () => {
  const { spawn, engine, store, world, pass, session } = await rig({ isObserved: false });
  world.faults.inject("runtime.create", "deaf");
  await spawn("app-1");
  await pass(100);
  expect(Object.keys(engine.state.intents)).toEqual(["start:app-1:1"]);
  const stopped = engine.stop();
  await pass(30 * SEC);
  await stopped;
  const { createPerform } = await import("./perform.ts");
  const next = createEngine({ store, world, perform: createPerform(world, () => store.state) });
  next.resume();
  await pass(100);
  expect(session("app-1").phase).toBe("running");
  expect(world.runtime.alive("app-1")).toHaveLength(1);
  expect(world.workspace.made.get("app-1")).toBe(1);
  expect(next.state.intents).toEqual({});
  await next.stop();
});

test("until resolves at once, after a commit, or when its caller gives up", async () => {
  const { engine, spawn, pass } = await rig();
  expect(await engine.until(() => 1)).toBe(1);
  const later = engine.until(({ sessions }) => sessions["app-1"]?.id);
  await spawn("app-1");
  expect(await later).toBe("app-1");
  const giveUp = new AbortController();
  const never = engine.until(() => null, { signal: giveUp.signal });
  giveUp.abort(new Error("enough"));
  await expect(never).rejects.toThrow("enough");
  await expect(engine.until(failing(new Error("no")))).rejects.toThrow("no");
  await pass(0);
});

/** A working agent whose silence is reported after ten minutes. */
async function silentAgent() {
  const made = await rig();
  await made.spawn("app-1");
  await made.pass(100);
  made.world.agent.activity("app-1", "active");
  await made.pass(5 * MIN);
  return made;
}

test("silence is reported once, after its threshold", async () => {
  const { pass, session, world } = await silentAgent();
  await pass(6 * MIN);
  expect(session("app-1").status).toBe("stuck");
  await pass(60 * MIN);
  expect(world.notifier.told.map(({ type }) => type)).toEqual(["session.stuck"]);
});

for (const [what, hours] of [
  ["the machine was suspended for 8 hours", 8],
  ["the clock was set 10 years ahead", 87_600],
  ["the clock was set back by an hour", -1],
  ["the clock was set back by a day", -24],
] as const) {
  test(`${what}: nothing falls due by that, and every duration starts again`, async () => {
    const { pass, session, world } = await silentAgent();
    const before = world.notifier.told.length;
    world.clock.setWall(world.clock.now() + hours * 3_600 * SEC);
    await pass(9 * MIN);
    expect(session("app-1").status).toBe("working");
    expect(world.notifier.told).toHaveLength(before);
    expect(world.runtime.alive("app-1")).toHaveLength(1);
  });
}

test("a process that was stopped for an hour does not act on what fell due in the meantime", async () => {
  const { pass, session, world } = await silentAgent();
  await world.clock.advance(60 * MIN);
  await pass(9 * MIN);
  expect(session("app-1").status).toBe("working");
  await pass(2 * MIN);
  expect(session("app-1").status).toBe("stuck");
});
