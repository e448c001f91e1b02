import { describe, expect, test } from "vitest";
import type { Clock } from "../slots/common.ts";
import { createLookPace, LEAST_GAP_MS, SHARE_MS } from "./look-pace.ts";

function stopped(): Clock & { pass(ms: number): void } {
  let nowMs = 0;
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    sleep: () => Promise.reject(new Error("nothing sleeps here")),
    pass(ms) {
      nowMs += ms;
    },
  };
}

/** How often each of `count` is looked at in `seconds` if all of them change every second. */
function looksOf(count: number, seconds: number): number[] {
  const clock = stopped();
  const pace = createLookPace(clock);
  const looks = Array.from({ length: count }, () => 0);
  for (let second = 0; second < seconds; second += 1) {
    for (const at of looks.keys()) if (pace.ask(`app-${at}`) === 0) looks[at] = (looks[at] ?? 0) + 1;
    clock.pass(1000);
  }
  return looks;
}

describe("the pace of looks", () => {
  test("one that was quiet is looked at at once, and again soon after its next change", () => {
    const clock = stopped();
    const pace = createLookPace(clock);
    expect(pace.ask("app-1")).toBe(0);
    clock.pass(500);
    expect(pace.ask("app-1")).toBe(LEAST_GAP_MS - 500);
    clock.pass(LEAST_GAP_MS - 500);
    expect(pace.ask("app-1")).toBe(0);
  });

  test.each([1, 20, 60, 150, 200])("%i that change every second cost no more than two looks a second", (count) => {
    const seconds = 600;
    const looks = looksOf(count, seconds);
    const all = looks.reduce((sum, each) => sum + each, 0);
    // The first look at each comes at once.
    expect(all).toBeLessThanOrEqual(count + (seconds * 1000) / SHARE_MS);
    const gapS = Math.max(LEAST_GAP_MS, count * SHARE_MS) / 1000;
    for (const each of looks) expect(each).toBeGreaterThanOrEqual(Math.floor(seconds / gapS));
  });

  test("one that was quiet does not wait behind many that are busy", () => {
    const clock = stopped();
    const pace = createLookPace(clock);
    for (let second = 0; second < 120; second += 1) {
      for (let at = 0; at < 100; at += 1) pace.ask(`app-${at}`);
      clock.pass(1000);
    }
    expect(pace.ask("quiet")).toBe(0);
  });

  test("the same version may be looked at again at any time", () => {
    const clock = stopped();
    const pace = createLookPace(clock);
    const fresh = (version: string) => ({ version, restedMs: 0 });
    expect(pace.ask("1", fresh("a"))).toBe(0);
    expect(pace.ask("1", fresh("a"))).toBe(0);
    expect(pace.ask("1", fresh("b"))).toBeGreaterThan(0);
    expect(pace.ask("1", fresh("a"))).toBe(0);
  });

  test("one that stopped changing waits for a third of its turn at most", () => {
    const clock = stopped();
    const pace = createLookPace(clock, 1_000);
    for (let second = 0; second <= 180; second += 1) {
      for (let at = 0; at < 60; at += 1) pace.ask(`app-${at}`);
      clock.pass(1_000);
    }
    pace.ask("app-0", { version: "last", restedMs: 60_000 });
    clock.pass(1_000);
    expect(pace.ask("app-0", { version: "newer", restedMs: 19_000 })).toBeGreaterThan(0);
    expect(pace.ask("app-0", { version: "newer", restedMs: 20_500 })).toBe(0);
  });
});
