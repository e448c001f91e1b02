import { describe, expect, it } from "vitest";
import { momentOf } from "./moment.ts";

const local = (text: string) => new Date(text).getTime();
const nowMs = local("2026-03-04T12:00:00");
const past = (text: string) => momentOf(text, { nowMs, side: "past", name: "--since" });
const future = (text: string) => momentOf(text, { nowMs, side: "future", name: "[for]" });

describe("a moment", () => {
  it.each([
    ["8h", nowMs - 8 * 3_600_000],
    ["1.5h", nowMs - 5_400_000],
    ["11:30", local("2026-03-04T11:30")],
    ["18:00", local("2026-03-03T18:00")],
    ["12:00", local("2026-03-03T12:00")],
    ["2026-03-01", local("2026-03-01T00:00")],
    ["2026-03-01 06:30", local("2026-03-01T06:30")],
    ["2026-03-01T06:30:00Z", Date.parse("2026-03-01T06:30:00Z")],
  ])("%s ago", (text, ms) => {
    expect(past(text)).toBe(ms);
  });

  it.each([
    ["30m", nowMs + 1_800_000],
    ["14:30", local("2026-03-04T14:30")],
    ["9:00", local("2026-03-05T09:00")],
    ["2026-03-05", local("2026-03-05T00:00")],
  ])("%s ahead", (text, ms) => {
    expect(future(text)).toBe(ms);
  });

  it.each(["", "8", "soon", "25:00", "2026-13-01", "-1h", "1 week", "99999999h", "2026-03-05\u001b"])(
    "%j is none",
    (text) => {
      expect(() => past(text)).toThrow(/--since/);
    },
  );

  it("has to lie on the right side of now", () => {
    expect(() => past("2026-03-05")).toThrow("has not come yet");
    expect(() => future("2026-03-01")).toThrow("has passed");
  });
});
