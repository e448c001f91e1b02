import { expect, test } from "vitest";
import { failingLines } from "./log.ts";

const noise = (count: number, from = 0) => Array.from({ length: count }, (_, at) => `ok ${from + at}`).join("\n");
const BOUNDS = { lines: 60, chars: 8192 };

test("a short log is given whole, without the blank lines at its end", () => {
  expect(failingLines("a\n\nb\n\n\n", BOUNDS)).toBe("a\n\nb");
});

test("of a long log without a sign of failure the end is given, in whole lines", () => {
  const part = failingLines(noise(1000), BOUNDS).split("\n");
  expect(part).toHaveLength(60);
  expect(part[0]).toBe("ok 940");
});

test("the first sign of failure is given with the lines before it, however much follows", () => {
  const part = failingLines(`${noise(100)}\nnot ok 7 - adds\n  expected 1\n${noise(500, 100)}`, BOUNDS).split("\n");
  expect(part.slice(0, 6)).toEqual(["ok 97", "ok 98", "ok 99", "not ok 7 - adds", "  expected 1", "ok 100"]);
  expect(part).toContain("[…]");
  expect(part.at(-1)).toBe("ok 599");
  expect(part.length).toBeLessThanOrEqual(60);
});

test.each([1, 3, 4, 10, 60])("%i lines are never exceeded, nor the characters", (lines) => {
  for (const chars of [20, 200, 8192]) {
    const part = failingLines(`x\nError: boom ${"y".repeat(999)}\n${noise(300)}`, { lines, chars });
    expect(part.split("\n").length).toBeLessThanOrEqual(lines);
    expect(part.length).toBeLessThanOrEqual(chars);
  }
});
