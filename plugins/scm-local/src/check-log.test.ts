import { expect, it } from "vitest";
import { failingPart } from "./check-log.ts";

const noise = (lines: number, from = 0) =>
  Array.from({ length: lines }, (_, index) => `line ${from + index}`).join("\n");

it("returns a short log whole, without colours and control characters", () => {
  expect(failingPart("\u001b[31mred\u001b[0m\r\nplain\u0007\n")).toBe("red\nplain");
});

it("returns the end of a long log, in whole lines and within the limit", () => {
  const part = failingPart(noise(10_000), 2_000);
  expect(part.length).toBeLessThanOrEqual(2_000);
  expect(part).toMatch(/^line \d+\n[\s\S]*\nline 9999$/);
});

it("also returns the first sign of the failure if it comes before the end", () => {
  const part = failingPart(
    `${noise(5_000)}\nAssertionError: 1 is not 2\n    at test.js:3\n${noise(5_000, 5_000)}`,
    3_000,
  );
  expect(Buffer.byteLength(part)).toBeLessThanOrEqual(3_000);
  expect(part).toContain("line 4999\nAssertionError: 1 is not 2\n    at test.js:3\n");
  expect(part).toContain("[…]");
  expect(part.endsWith("line 9999")).toBe(true);
});

it("stays within the limit and splits no character, even in a single endless line", () => {
  for (const max of [10, 11, 12, 13, 1_500]) {
    const part = failingPart("ü€😀".repeat(5_000), max);
    expect(Buffer.byteLength(part)).toBeLessThanOrEqual(max);
    expect(part).not.toContain("\ufffd");
  }
});
