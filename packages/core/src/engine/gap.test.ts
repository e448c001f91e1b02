import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { expect, test } from "vitest";
import { createGapWatch } from "./gap.ts";

const SEC = 1_000;

test.for<[string, { wallMs?: number; lateMs?: number }, { isGap: boolean; isSetBack: boolean }]>([
  ["nothing is a gap while both clocks agree and all come in time", {}, { isGap: false, isSetBack: false }],
  ["a second of difference is none", { wallMs: SEC }, { isGap: false, isSetBack: false }],
  ["a clock that is set ahead is one", { wallMs: 3 * SEC }, { isGap: true, isSetBack: false }],
  [
    "a clock that is set back is one, and what lay behind lies ahead",
    { wallMs: -3 * SEC },
    { isGap: true, isSetBack: true },
  ],
  ["who comes a moment late has not slept", { lateMs: 4 * SEC }, { isGap: false, isSetBack: false }],
  ["who comes much too late has", { lateMs: 6 * SEC }, { isGap: true, isSetBack: false }],
])("%s", async ([, { wallMs = 0, lateMs = 0 }, expected]) => {
  const clock = fakeClock();
  const gapSince = createGapWatch(clock);
  await clock.advance(60 * SEC);
  clock.setWall(clock.now() + wallMs);
  expect(gapSince(lateMs)).toEqual(expected);
  // Each is told once.
  await clock.advance(60 * SEC);
  expect(gapSince(0)).toEqual({ isGap: false, isSetBack: false });
});
