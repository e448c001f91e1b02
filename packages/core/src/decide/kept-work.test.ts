import { emptyState } from "@agent-orchestrator/core/store/fold";
import { aRecord, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import type { State } from "../model/state.ts";
import { ageKeptWork } from "./kept-work.ts";

const MIN = 60_000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

const KEPT = aRecord({
  id: "app-1",
  phase: "archived",
  isArchived: true,
  preservedPath: "/keep/app-1",
  statusSince: iso(0),
  lastActivityAt: iso(0),
});

/** Rounds of ten minutes. The wall clock shows what `wall` returns at each. */
function rounds(count: number, wall: (awakeMs: number) => number, keepMs: number | null = 30 * DAY) {
  let state: State = { ...emptyState(), sessions: { "app-1": KEPT } };
  const removed: number[] = [];
  for (let round = 1; round <= count; round++) {
    const awakeMs = round * 10 * MIN;
    const done = ageKeptWork(state, {
      nowMs: Date.parse(iso(0)) + wall(awakeMs),
      elapsedMs: 10 * MIN,
      keepMsOf: () => keepMs,
    });
    state = done.state;
    if (done.folders.length > 0) removed.push(awakeMs);
  }
  return { state, removed };
}

describe("kept work", () => {
  test("is deleted a day of awake time after it is due, and its session says so", () => {
    const { state, removed } = rounds(40 * 24 * 6, (awake) => awake);
    expect(removed).toEqual([31 * DAY + 10 * MIN]);
    expect(state.sessions["app-1"]).toMatchObject({
      preservedPath: null,
      notes: [expect.stringContaining("no longer kept")],
    });
  });

  test.each([
    ["a minute", 1],
    ["twelve hours", 72],
  ])("is not touched by a clock that is 40 days ahead for %s", (_, wrongRounds) => {
    const wall = (awake: number) => (awake > HOUR && awake <= HOUR + wrongRounds * 10 * MIN ? awake + 40 * DAY : awake);
    const { state, removed } = rounds(20 * 24 * 6, wall);
    expect(removed).toEqual([]);
    expect(state.sessions["app-1"]?.preservedPath).toBe("/keep/app-1");
    expect(state.overdueMs).toEqual({});
  });

  test("is not deleted because a machine slept for months, until it was awake for a day", () => {
    const { removed } = rounds(200, (awake) => awake + 90 * DAY);
    expect(removed).toEqual([DAY + 10 * MIN]);
  });

  test("with a short time to keep goes as soon again, and without one never", () => {
    expect(rounds(12, (awake) => awake, 15 * MIN).removed).toEqual([40 * MIN]);
    expect(rounds(60 * 24 * 6, (awake) => awake, null).removed).toEqual([]);
  });

  test("that is not due writes nothing", () => {
    const state = { ...emptyState(), sessions: { "app-1": KEPT } };
    const round = { nowMs: Date.parse(iso(HOUR)), elapsedMs: 10 * MIN, keepMsOf: () => 30 * DAY };
    expect(ageKeptWork(state, round).state).toBe(state);
  });
});
