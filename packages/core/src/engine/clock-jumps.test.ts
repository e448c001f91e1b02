import { describe, expect, test } from "vitest";
import { createEngine } from "./engine.ts";
import type { NewFact } from "./mailbox.ts";
import { createPerform } from "./perform.ts";
import { type Rig, rig } from "./testing/rig.ts";

const SEC = 1000;
const MIN = 60 * SEC;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** How far the clock is off, and for how long. Null: it stays so. */
const JUMPS: [string, number, number | null][] = [
  ["set back by a second", -SEC, null],
  ["set back by an hour", -HOUR, null],
  ["set back by a day", -DAY, null],
  ["set back by ten years", -10 * YEAR, null],
  ["an hour ahead", HOUR, null],
  ["ten years ahead", 10 * YEAR, null],
  ["40 days ahead for a minute", 40 * DAY, MIN],
  ["ten years ahead for an hour", 10 * YEAR, HOUR],
  ["a day behind for an hour", -DAY, HOUR],
];

const send = (id: string): NewFact => ({ kind: "wish-send", message: { id, text: "go on", isUrgent: false } });

/** What a session was doing when the clock jumped. */
const SCENES: Record<string, (made: Rig) => Promise<void>> = {
  idle: async ({ world, pass }) => {
    world.agent.activity("app-1", "ready");
    await pass(SEC);
  },
  working: async ({ world, pass }) => {
    world.agent.activity("app-1", "active");
    await pass(MIN);
  },
  "working on a message": async ({ world, tell, pass }) => {
    world.agent.activity("app-1", "ready");
    await tell("app-1", send("before"));
    await pass(SEC);
    world.agent.activity("app-1", "active");
    await pass(SEC);
  },
  "attended by its user": async ({ world, tell, pass }) => {
    world.agent.activity("app-1", "ready");
    await tell("app-1", { kind: "human-input" });
    await pass(SEC);
  },
  exited: async ({ world, pass }) => {
    world.runtime.exit("app-1", { code: 1 });
    await pass(MIN);
  },
};

async function jump({ world, pass }: Rig, [, byMs, forMs]: (typeof JUMPS)[number]): Promise<void> {
  world.clock.setWall(world.clock.now() + byMs);
  if (forMs === null) return;
  await pass(forMs);
  world.clock.setWall(world.clock.now() - byMs);
}

const sends = (made: Rig, id: string): number =>
  made.world.runtime.programs.flatMap(({ got }) => got).filter((message) => message.id === id).length;

/** The agent takes what arrives, works a second, and is idle again. */
async function settle(made: Rig): Promise<void> {
  for (let n = 0; n < 4; n++) {
    for (const { got } of made.world.runtime.alive("app-1")) {
      const at = new Date(made.world.clock.now()).toISOString();
      for (const { id } of got) if (id !== null) made.world.agent.say("app-1", { kind: "accepted", messageId: id, at });
      made.world.agent.activity("app-1", "active");
      await made.pass(SEC);
      made.world.agent.activity("app-1", "ready");
    }
    await made.pass(5 * MIN);
  }
}

describe.each(Object.keys(SCENES))("a session that is %s", (scene) => {
  test.each(JUMPS)("takes a message soon after the clock was %s", async (...of) => {
    const made = await rig();
    await made.spawn("app-1");
    await made.pass(100);
    await SCENES[scene]?.(made);
    await jump(made, of);
    await made.tell("app-1", send("after"));
    await settle(made);
    expect(sends(made, "after")).toBe(1);
    expect(made.session("app-1").messages.list.find(({ id }) => id === "after")).toMatchObject({ state: "accepted" });
    expect(made.world.runtime.alive("app-1")).toHaveLength(1);
  });

  test.each(JUMPS)("has nothing ahead of it for the next daemon after the clock was %s meanwhile", async (...of) => {
    const made = await rig({ isObserved: false });
    await made.spawn("app-1");
    await made.pass(100);
    await SCENES[scene]?.(made);
    const stopped = made.engine.stop();
    await made.pass(30 * SEC);
    await stopped;
    await jump(made, of);
    const next = createEngine({
      store: made.store,
      world: made.world,
      perform: createPerform(made.world, () => made.store.state),
    });
    next.restartWatch("restart");
    next.resume();
    await made.pass(SEC);
    const newest = JSON.stringify(next.state.sessions["app-1"]).match(/\d{4}-\d\d-\d\dT[\d:.]+Z/g) ?? [];
    for (const moment of newest) expect(Date.parse(moment)).toBeLessThanOrEqual(made.world.clock.now());
    await next.stop();
  });
});

const KEEP = { merged: HOUR, done: 7 * DAY, closed: 7 * DAY, killed: 14 * DAY, errored: 14 * DAY };

test.each(JUMPS)("no checkout is removed before its time because the clock was %s", async (...of) => {
  const made = await rig({ policy: { cleanupMs: KEEP } });
  await made.spawn("app-1");
  await made.pass(100);
  await made.tell("app-1", { kind: "wish-kill", remove: false, by: "user", reason: "ao kill" });
  await made.pass(10 * MIN);
  expect(made.session("app-1").phase).toBe("ended");
  await jump(made, of);
  await made.tell("app-1", { kind: "wish-set", key: "looked", value: "yes" });
  await made.pass(50 * MIN);
  expect(made.session("app-1").phase).toBe("ended");
});

test("what is due is removed once the clock has been steady for an hour", async () => {
  const made = await rig({ policy: { cleanupMs: KEEP } });
  await made.spawn("app-1");
  await made.pass(100);
  await made.tell("app-1", { kind: "wish-kill", remove: false, by: "user", reason: "ao kill" });
  await made.pass(10 * MIN);
  made.world.clock.setWall(made.world.clock.now() + 15 * DAY);
  await made.tell("app-1", { kind: "wish-set", key: "looked", value: "yes" });
  await made.pass(61 * MIN);
  expect(made.session("app-1").phase).toBe("archived");
});
