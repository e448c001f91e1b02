import { describe, expect, test } from "vitest";
import { quietUntil } from "./quiet.ts";

const MINUTE = 60_000;

const minutes = (time: string): number => {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  return hour * 60 + minute;
};

/** `22:00-07:00 Europe/Berlin` */
function hours(text: string) {
  const [, from = "", to = "", timezone = ""] = /^(.+)-(.+?) (.+)$/.exec(text) ?? [];
  return { from: minutes(from), to: minutes(to), timezone, except: ["urgent" as const] };
}

/** From this time, or none. */
const untilOf = (quiet: string, now: string): string | null => {
  const end = quietUntil(hours(quiet), "action", Date.parse(now));
  return end === null ? null : `${new Date(end).toISOString().slice(0, 16)}Z`;
};

describe("quiet hours end by the clock on the wall, in the night in which it is", () => {
  test.each([
    ["put forward", "22:00-07:00 Europe/Berlin", ["2026-03-28T22:00Z", "2026-03-29T05:00Z"]],
    ["put back", "22:00-07:00 Europe/Berlin", ["2026-10-24T21:00Z", "2026-10-25T06:00Z"]],
    ["put forward", "22:00-07:00 America/New_York", ["2026-03-08T04:00Z", "2026-03-08T11:00Z"]],
    ["put back", "22:00-07:00 America/New_York", ["2026-11-01T03:00Z", "2026-11-01T12:00Z"]],
    ["put forward by half an hour", "22:00-07:00 Australia/Lord_Howe", ["2026-10-03T12:30Z", "2026-10-03T20:00Z"]],
    ["put back by half an hour", "22:00-07:00 Australia/Lord_Howe", ["2026-04-04T12:00Z", "2026-04-04T20:30Z"]],
    ["put forward over their end", "22:00-02:30 Europe/Berlin", ["2026-03-29T00:00Z", "2026-03-29T01:00Z"]],
    ["put forward over their beginning", "02:30-07:00 Europe/Berlin", ["2026-03-29T01:00Z", "2026-03-29T05:00Z"]],
    ["put back, and it ends twice, first", "22:00-02:30 Europe/Berlin", ["2026-10-25T00:10Z", "2026-10-25T00:30Z"]],
    ["put back, and it ends twice, then", "22:00-02:30 Europe/Berlin", ["2026-10-25T01:10Z", "2026-10-25T01:30Z"]],
    ["put back around both", "02:15-02:45 Europe/Berlin", ["2026-10-25T00:20Z", "2026-10-25T00:45Z"]],
    ["left alone", "22:00-07:00 Europe/Berlin", ["2026-07-01T20:00Z", "2026-07-02T05:00Z"]],
  ])("%s: %s", (_what, quiet, [now = "", end = ""]) => {
    expect(untilOf(quiet, now)).toBe(end);
    const endMs = Date.parse(end);
    const at = (ms: number) => untilOf(quiet, new Date(ms).toISOString());
    expect([at(endMs - MINUTE), at(endMs)]).toEqual([end, null]);
  });

  test.each([
    ["before one that begins in the hour that is left out", "02:30-07:00 Europe/Berlin", "2026-03-29T00:59Z"],
    ["between two that begin in an hour that comes twice", "22:00-02:30 Europe/Berlin", "2026-10-25T00:40Z"],
    ["one of no length", "22:00-22:00 UTC", "2026-01-01T22:00Z"],
  ])("%s there is none", (_what, quiet, now) => {
    expect(untilOf(quiet, now)).toBeNull();
  });
});

test("what is excepted passes", () => {
  const quiet = hours("22:00-07:00 UTC");
  const at = Date.parse("2026-01-01T23:00Z");
  expect([quietUntil(quiet, "urgent", at), quietUntil(null, "action", at)]).toEqual([null, null]);
  expect(quietUntil(quiet, "action", at)).not.toBeNull();
});
