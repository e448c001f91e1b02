import { expect, test } from "vitest";
import type { NewFact } from "./mailbox.ts";
import { type Rig, rig } from "./testing/rig.ts";

const SEC = 1000;
const MIN = 60 * SEC;

const kill = (remove = false): NewFact => ({ kind: "wish-kill", remove, by: "user", reason: "by hand" });
const send = (id: string): NewFact => ({ kind: "wish-send", message: { id, text: "go on", isUrgent: false } });

async function resting(): Promise<Rig> {
  const made = await rig();
  await made.spawn("app-1");
  await made.pass(100);
  made.world.agent.activity("app-1", "ready");
  await made.pass(2 * SEC);
  return made;
}

test("a stop interrupts a start under way, and nothing is left running", async () => {
  const { world, spawn, tell, pass, session, engine } = await rig();
  world.faults.inject("workspace.postCreate", "hang");
  await spawn("app-1");
  await pass(SEC);
  expect(session("app-1").phase).toBe("starting");
  await tell("app-1", kill());
  await pass(SEC);
  expect(session("app-1")).toMatchObject({ phase: "ended", status: "killed" });
  expect(world.runtime.alive("app-1")).toEqual([]);
  expect(engine.state.intents).toEqual({});
});

test("a start that ignores its signal is abandoned after a grace period", async () => {
  const { world, spawn, tell, pass, session } = await rig();
  world.faults.inject("workspace.create", "deaf");
  await spawn("app-1");
  await tell("app-1", kill());
  await pass(5 * SEC);
  expect(session("app-1").ending).toBeNull();
  await pass(10 * SEC);
  expect(session("app-1").status).toBe("killed");
});

test("actions of one session run one after another, in parallel with those of others", async () => {
  const { world, spawn, tell, pass } = await resting();
  world.faults.slowMs = 20 * SEC;
  world.faults.inject("runtime.sendMessage", "slow");
  await tell("app-1", send("m1"));
  await tell("app-1", kill());
  await spawn("app-2");
  await pass(SEC);
  expect(world.runtime.alive("app-2")).toHaveLength(1);
  expect(world.runtime.alive("app-1")).toHaveLength(1);
  await pass(20 * SEC);
  expect(world.runtime.of("app-1")?.got).toHaveLength(1);
  expect(world.runtime.alive("app-1")).toEqual([]);
});

test("a delivery that never returns is unconfirmed, and does not block a kill", async () => {
  const { world, tell, pass, session } = await resting();
  world.faults.inject("runtime.sendMessage", "deaf");
  await tell("app-1", send("m1"));
  await tell("app-1", kill());
  await pass(3 * MIN);
  expect(session("app-1").messages.list[0]).toMatchObject({ id: "m1", state: "unconfirmed" });
  expect(session("app-1").status).toBe("killed");
});

test("a start whose config is gone fails, and the session says why", async () => {
  const { world, spawn, pass, session } = await rig();
  world.config = null;
  await spawn("app-1");
  await pass(100);
  expect(session("app-1")).toMatchObject({ phase: "ended", status: "errored" });
  expect(session("app-1").ending?.reason).toContain("config of my-app");
});

test("a message that waited behind another action is not typed into a question that has opened since", async () => {
  const { world, tell, pass, session } = await resting();
  world.faults.slowMs = 20 * SEC;
  world.repository.commit("feat/app-1", { "a.txt": "a" });
  world.faults.inject("scm.createPR", "slow");
  await tell("app-1", { kind: "wish-pr", title: null, body: null }, send("m1"));
  await pass(SEC);
  expect(session("app-1").messages.list[0]?.state).toBe("writing");
  world.agent.activity("app-1", "waiting_input", "May I?");
  await pass(30 * SEC);
  expect(world.runtime.of("app-1")?.got).toEqual([]);
  expect(session("app-1").messages.list[0]).toMatchObject({ state: "held", heldFor: "asking" });
  world.agent.activity("app-1", "ready");
  await pass(5 * SEC);
  expect(world.runtime.of("app-1")?.got.map(({ id }) => id)).toEqual(["m1"]);
});

test("an interrupt that was open when the daemon died is not repeated", async () => {
  const { world, engine, tell, pass } = await resting();
  world.agent.activity("app-1", "active");
  await pass(100);
  world.faults.inject("agent.interrupt", "deaf");
  await tell("app-1", { kind: "wish-interrupt" });
  await pass(0);
  expect(Object.keys(engine.state.intents)).toHaveLength(1);
  engine.resume();
  await pass(2 * MIN);
  expect(engine.state.intents).toEqual({});
  expect(world.agent.interrupted).toEqual([]);
});

test("a message that was under way when the daemon died is unconfirmed if it cannot be written again", async () => {
  const { world, engine, tell, pass, session } = await resting();
  world.faults.inject("runtime.sendMessage", "deaf");
  await tell("app-1", send("m1"));
  world.faults.inject("runtime.sendMessage", "fail");
  engine.resume();
  await pass(3 * MIN);
  expect(session("app-1").messages.list[0]).toMatchObject({ id: "m1", state: "unconfirmed" });
});
