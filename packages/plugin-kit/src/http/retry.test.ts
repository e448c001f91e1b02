import { expect, it } from "vitest";
import { backOffMs, isIdempotent, retryAfterMs } from "./retry.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");

it.each<[string, Record<string, string>, number | null]>([
  ["seconds", { "retry-after": "120" }, 120_000],
  ["no time at all", { "retry-after": "0" }, 0],
  ["half a second", { "retry-after": "0.5" }, 500],
  ["a date", { "retry-after": "Thu, 01 Jan 2026 00:01:00 GMT" }, 60_000],
  ["a date in the past", { "retry-after": "Wed, 31 Dec 2025 23:00:00 GMT" }, 0],
  [
    "a date, by a clock that is an hour ahead of ours",
    { "retry-after": "Thu, 01 Jan 2026 01:00:30 GMT", date: "Thu, 01 Jan 2026 01:00:00 GMT" },
    30_000,
  ],
  ["the date of RFC 850", { "retry-after": "Thursday, 01-Jan-26 00:01:00 GMT" }, 60_000],
  ["the date of asctime", { "retry-after": "Thu Jan  1 00:01:00 2026" }, 60_000],
  ["a year, which is too long", { "retry-after": "31536000" }, 86_400_000],
  ["nothing", {}, null],
  ["a negative number", { "retry-after": "-5" }, null],
  ["a word", { "retry-after": "soon" }, null],
  ["a bare year", { "retry-after": "2026-01-02" }, null],
])("Retry-After: %s", (_what, headers, expected) => {
  expect(retryAfterMs(new Headers(headers), NOW)).toBe(expected);
});

it("waits longer each time, between half of the time and all of it", () => {
  const pauses = [0, 1, 2, 3, 4, 9].map((attempt) => backOffMs(attempt, { firstMs: 500, chance: 0 }));
  expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000]);
  expect(backOffMs(2, { firstMs: 500, chance: 1 })).toBe(1_000);
});

it.each([
  ["GET", true],
  ["HEAD", true],
  ["PUT", true],
  ["DELETE", true],
  ["POST", false],
  ["PATCH", false],
])("%s may be sent twice: %s", (method, may) => {
  expect(isIdempotent(method)).toBe(may);
});
