import { expect, test } from "vitest";
import { toIso } from "../model/time.ts";
import { outputProgress } from "./output-progress.ts";

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** What is told when these rows are on the screen at these seconds. `null`: the runtime has no screen. `Error`: it does not answer. */
async function told(
  isAnimated: boolean,
  screens: [seconds: number, rows: string[] | null | Error][],
): Promise<number[]> {
  const seconds: number[] = [];
  let now = 0;
  let rows: string[] | null | Error = null;
  const onOutput = outputProgress({
    isAnimated,
    everyMs: 5_000,
    rows: async () => {
      if (rows instanceof Error) throw rows;
      return rows;
    },
    tell: () => seconds.push(now),
  });
  for ([now, rows] of screens) {
    onOutput(toIso(now * 1000));
    await settled();
  }
  return seconds;
}

test("output of a program that only prints is progress, whatever it says, but not told more often than asked for", async () => {
  expect(
    await told(
      false,
      [0, 1, 4, 5, 6, 11].map((at) => [at, ["tick"]]),
    ),
  ).toEqual([0, 5, 11]);
});

test("a program that draws while it waits makes progress when its screen says something new", async () => {
  const spinner = (at: number): string[] => [`${"✢✶✻"[at % 3]} Working (${at}s)`];
  expect(
    await told(
      true,
      [0, 5, 10, 15].map((at) => [at, spinner(at)]),
    ),
  ).toEqual([0]);
  expect(
    await told(
      true,
      [0, 5, 10, 15].map((at) => [at, [...spinner(at), `line ${at}`]]),
    ),
  ).toEqual([0, 5, 10, 15]);
});

test("a screen that cannot be read leaves the output as it is", async () => {
  expect(
    await told(true, [
      [0, null],
      [5, null],
      [10, new Error("no answer")],
    ]),
  ).toEqual([0, 5, 10]);
});

test("a clock that was set back does not end the reports", async () => {
  expect(
    await told(false, [
      [90_000, ["a"]],
      [10, ["b"]],
      [15, ["c"]],
    ]),
  ).toEqual([90_000, 10, 15]);
});
