import { T0 } from "@agent-orchestrator/testkit/records";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RecordChanges } from "../../model/record-changes.ts";
import type { SessionRecord } from "../../model/session.ts";
import { toIso } from "../../model/time.ts";
import { causeOfAttention } from "../snooze.ts";
import { Desk } from "./testing/desk.ts";

const SEC = 1_000;
const MIN = 60 * SEC;
const HOUR = 60 * MIN;
const MEMORY = "memory#1";

const asking = (since: number): RecordChanges => ({
  attention: { level: "urgent", reason: "asks", hint: "ao answer app-1", since: toIso(T0 + since) },
});

test("the first one goes at once, and what comes within a second comes together, in order", () => {
  const desk = new Desk("app-1", "app-2").add("app-1", "a").look();
  expect(desk.answer("yes")).toEqual(["app-1:a"]);
  desk.add("app-2", "b").look().add("app-1", "c").look();
  expect(desk.open).toEqual([]);
  desk.pass(SEC);
  expect(desk.answer("yes")).toEqual(["app-2:b", "app-1:c"]);
  expect([desk.state.notices, desk.events]).toEqual([{}, ["notify.delivered", "notify.delivered"]]);
});

test("100 in a second are at most 5 messages, and all are in them", () => {
  const desk = new Desk("app-1");
  const had: string[] = [];
  let messages = 0;
  const take = () => {
    while (desk.open.length > 0) {
      had.push(...desk.answer("yes"));
      messages++;
    }
  };
  for (let number = 0; number < 100; number++) {
    desk.add("app-1", String(number)).pass(10);
    take();
  }
  while (Object.keys(desk.state.notices).length > 0) {
    desk.pass(SEC);
    take();
  }
  expect(had).toEqual(Array.from({ length: 100 }, (_, number) => `app-1:${number}`));
  expect(messages).toBeLessThanOrEqual(5);
});

test("a message that may have arrived is repeated as it was, before anything else, later and later", () => {
  const desk = new Desk("app-1").add("app-1", "a").look();
  const waits: number[] = [];
  for (let at = 0; at < 12; at++) {
    expect(desk.answer("no")).toEqual(["app-1:a"]);
    desk.add("app-1", `later-${at}`).look();
    waits.push((desk.wakeAtMs ?? 0) - desk.nowMs);
    desk.pass(waits.at(-1) ?? 0);
  }
  expect(waits.map((ms) => ms / SEC)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
  expect(desk.answer("yes")).toEqual(["app-1:a"]);
  expect(desk.pass(SEC).asks()[0]).toHaveLength(12);
});

test("a far end that says when is not asked before, but within the hour", () => {
  const desk = new Desk("app-1").add("app-1", "a").look();
  desk.answer("no", 30 * SEC);
  expect(desk.pass(29 * SEC).open).toEqual([]);
  expect(desk.pass(SEC).asks()).toEqual([["app-1:a"]]);
  desk.answer("no", 48 * HOUR);
  expect(desk.pass(HOUR).asks()).toEqual([["app-1:a"]]);
});

test("what a channel refuses for good, or does not take for a day, is given up and counted", () => {
  const desk = new Desk("app-1").add("app-1", "a").look();
  desk.answer("final");
  expect(desk.state.channels[MEMORY]).toMatchObject({ lost: 1, batch: [] });
  desk.add("app-1", "b").pass(SEC);
  const start = desk.nowMs;
  while (Object.keys(desk.state.notices).length > 0) {
    if (desk.open.length > 0) desk.answer("no");
    desk.pass(MIN);
  }
  expect(desk.nowMs - start).toBeGreaterThanOrEqual(24 * HOUR - MIN);
  expect(desk.nowMs - start).toBeLessThanOrEqual(24 * HOUR + 15 * MIN);
  expect(desk.state.channels[MEMORY]?.lost).toBe(2);
  expect(desk.events).toEqual(["notify.failed", "notify.failed"]);
});

test("each channel has its own pace: one that is down keeps nothing from another", () => {
  const desk = new Desk("app-1");
  const both = [MEMORY, "slack#2"];
  desk.policy = { ...desk.policy, channels: { ...desk.policy.channels, action: both } };
  desk.add("app-1", "a").look();
  const down = desk.open.findIndex(({ channel }) => channel === MEMORY);
  desk.open.push(...desk.open.splice(down, 1)); // slack first
  expect(desk.answer("yes")).toEqual(["app-1:a"]);
  desk.answer("no");
  desk.add("app-1", "b").pass(SEC);
  expect(desk.open.map(({ channel, notices }) => `${channel} ${notices}`).sort()).toEqual([
    "memory#1 notify:app-1:a",
    "slack#2 notify:app-1:b",
  ]);
});

test("a changed config takes what waits along to the channel that has the name now, or to none", () => {
  const desk = new Desk("app-1").add("app-1", "a").look();
  desk.answer("no");
  const to = (ids: string[]) => ({ urgent: ids, action: ids, warning: [], info: [] });
  desk.policy = { ...desk.policy, channels: to(["memory#2"]) };
  expect(desk.look().open.map(({ channel, notices }) => `${channel} ${notices}`)).toEqual(["memory#2 notify:app-1:a"]);
  desk.policy = { ...desk.policy, channels: to([]) };
  desk.answer("no");
  expect(desk.pass(MIN).state.notices).toEqual({});
  expect(desk.events).toEqual(["notify.failed"]);
});

describe("quiet hours", () => {
  const night = { from: 22 * 60, to: 7 * 60, timezone: "UTC", except: ["urgent" as const] };

  test("hold all but the urgent, and tell the rest as one when they end", () => {
    const desk = new Desk("app-1", "app-2"); // T0 is midnight, UTC
    desk.policy = { ...desk.policy, quiet: night };
    desk.add("app-1", "a").add("app-2", "b").add("app-2", "c", { priority: "urgent" }).look();
    expect(desk.asks()).toEqual([["app-2:c"]]);
    desk.answer("yes");
    expect(desk.pass(7 * HOUR - SEC).open).toEqual([]);
    expect(desk.pass(SEC).asks()).toEqual([["app-1:a", "app-2:b"]]);
  });

  test("what passed meanwhile is not told", () => {
    const desk = new Desk("app-1").change("app-1", asking(0));
    desk.policy = { ...desk.policy, quiet: night };
    desk.add("app-1", "a", { type: "attention.needed" }).look().change("app-1", { attention: null });
    expect(desk.pass(8 * HOUR).open).toEqual([]);
    expect(desk.state.notices).toEqual({});
  });
});

describe("reminders", () => {
  function asked() {
    const desk = new Desk("app-1").change("app-1", asking(0));
    const reminders = [
      { afterMs: 15 * MIN, channels: null },
      { afterMs: HOUR, channels: ["phone#3"] },
    ];
    desk.policy = { ...desk.policy, reminders };
    desk.add("app-1", "a", { type: "attention.needed" }).look();
    desk.answer("yes");
    return desk;
  }
  const messages = (desk: Desk) =>
    desk.open.map(({ channel, notices: [key = ""] }) => `${channel} ${desk.state.notices[key]?.event.message}`);

  test("come once for each level, in words of their own, on the channels of that level", () => {
    const desk = asked();
    expect(desk.pass(15 * MIN - SEC).open).toEqual([]);
    expect(messages(desk.pass(SEC))).toEqual(["memory#1 still waiting after 15 m: app-1: a"]);
    desk.answer("yes");
    expect(messages(desk.pass(45 * MIN))).toEqual(["phone#3 still waiting after 1 h: app-1: a"]);
    desk.answer("yes");
    expect(desk.pass(10 * HOUR).open).toEqual([]);
  });

  test.each<[string, RecordChanges]>([
    ["somebody looked at it", { humanDid: { looked: toIso(T0 + MIN) } }],
    ["it needs nobody any more", { attention: null }],
    ["it needs somebody for another reason", asking(MIN)],
  ])("end when %s", (_why, changes) => {
    const desk = asked()
      .pass(5 * MIN)
      .change("app-1", changes);
    expect(desk.pass(10 * HOUR).open).toEqual([]);
  });

  test("that were set up later come one after another, not at once", () => {
    const desk = asked();
    const { reminders } = desk.policy;
    desk.policy = { ...desk.policy, reminders: [] };
    desk.pass(5 * HOUR);
    desk.policy = { ...desk.policy, reminders };
    expect(messages(desk.pass(SEC))).toEqual(["memory#1 still waiting after 5 h: app-1: a"]);
    desk.answer("yes");
    expect(desk.pass(45 * MIN - 2 * SEC).open).toEqual([]);
    expect(desk.pass(SEC).open).toHaveLength(1);
  });

  test("wait until a snooze is over", () => {
    const desk = asked();
    const cause = causeOfAttention(desk.state.sessions["app-1"] as SessionRecord) ?? "";
    desk.change("app-1", { snooze: { ends: toIso(T0 + 40 * MIN), cause } });
    expect(desk.pass(39 * MIN).open).toEqual([]);
    expect(messages(desk.pass(MIN))).toEqual(["memory#1 still waiting after 40 m: app-1: a"]);
  });

  test("are not sent for what calls nobody", () => {
    const desk = new Desk("app-1");
    desk.policy = { ...desk.policy, reminders: [{ afterMs: MIN, channels: null }] };
    desk.add("app-1", "merged").look();
    desk.answer("yes");
    expect(desk.pass(HOUR).open).toEqual([]);
  });
});

test("whatever a channel answers and whenever, each notice arrives once and in order, or is told as lost", () => {
  const step = fc.record({
    adds: fc.integer({ min: 0, max: 4 }),
    answers: fc.constantFrom("yes" as const, "no" as const, "none" as const),
    passMs: fc.integer({ min: 0, max: 5_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const desk = new Desk("app-1", "app-2");
      const had: string[] = [];
      const added: string[] = [];
      const take = () => had.push(...desk.answer("yes"));
      for (const { adds, answers, passMs } of steps) {
        for (let at = 0; at < adds; at++) {
          desk.add("app-1", String(added.length));
          added.push(`app-1:${added.length}`);
        }
        desk.pass(passMs);
        expect(desk.open.length).toBeLessThanOrEqual(1);
        if (desk.open.length > 0 && answers === "yes") take();
        else if (desk.open.length > 0 && answers === "no") desk.answer("no");
      }
      for (let at = 0; at < 50 && Object.keys(desk.state.notices).length > 0; at++) {
        desk.pass(10 * MIN);
        while (desk.open.length > 0) take();
      }
      expect(had).toEqual(added);
    }),
    { numRuns: 200 },
  );
});
