import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { expect, test } from "vitest";
import { createAlarm } from "./alarm.ts";

const MIN = 60_000;

function alarmed() {
  const clock = fakeClock();
  const rang: string[] = [];
  const alarm = createAlarm(clock, () => {
    rang.push(...alarm.takeDue(clock.now()).ids.map((id) => `${id} ${(clock.now() - start) / 1000}`));
  });
  const start = clock.now();
  const at = (ms: number) => start + ms;
  return { clock, alarm, rang, at };
}

test("rings once for each time, in order", async () => {
  const { clock, alarm, rang, at } = alarmed();
  alarm.set("late", at(3_000));
  alarm.set("early", at(1_000));
  alarm.set("never", at(2_000));
  alarm.set("never", null);
  await clock.pass(10_000);
  expect(rang).toEqual(["early 1", "late 3"]);
  expect(clock.sleepers).toBe(0);
});

test("setting a time again replaces the earlier one", async () => {
  const { clock, alarm, rang, at } = alarmed();
  alarm.set("a", at(1_000));
  alarm.set("a", at(5_000));
  await clock.pass(10_000);
  expect(rang).toEqual(["a 5"]);
});

test("waits for distant times in steps of a minute, so that it notices a clock jump", async () => {
  const { clock, alarm, rang, at } = alarmed();
  alarm.set("a", at(8 * 60 * MIN));
  clock.setWall(at(8 * 60 * MIN));
  await clock.pass(MIN);
  expect(rang).toHaveLength(1);
});

test("reports how late it is", async () => {
  const { clock, alarm, at } = alarmed();
  alarm.set("a", at(1_000));
  expect(alarm.takeDue(at(500))).toEqual({ ids: [], lateMs: 0 });
  expect(alarm.takeDue(at(31_000))).toEqual({ ids: ["a"], lateMs: 30_000 });
  alarm.stop();
  expect(clock.sleepers).toBe(0);
});

test("a stopped alarm never rings or sleeps again", async () => {
  const { clock, alarm, rang, at } = alarmed();
  alarm.set("a", at(1_000));
  alarm.stop();
  alarm.set("b", at(500));
  await clock.pass(10_000);
  expect([rang, clock.sleepers]).toEqual([[], 0]);
});
