import { expect, test } from "vitest";
import { resetTimeIn } from "./reset-time.ts";

const NOON = Date.parse("2026-11-27T12:00:00Z");

test.each([
  ["You've hit your session limit · resets 3pm (UTC)", "2026-11-27T15:00:00.000Z"],
  ["You've hit your session limit · resets 3:30pm (Europe/Berlin)", "2026-11-27T14:30:00.000Z"],
  ["You've hit your session limit · resets 9am (America/New_York)", "2026-11-27T14:00:00.000Z"],
  ["You've hit your session limit · resets 12am (UTC)", "2026-11-28T00:00:00.000Z"],
  ["You've hit your session limit · resets 11am (UTC)", "2026-11-28T11:00:00.000Z"],
  ["You've hit your weekly limit · resets Nov 30, 3pm (UTC)", "2026-11-30T15:00:00.000Z"],
  ["You've hit your weekly limit · resets Jan 2, 2027, 9am (UTC)", "2027-01-02T09:00:00.000Z"],
  ["You've hit your session limit · resets 3pm (Nowhere/Ever)", expect.stringMatching(/^2026-11-2[78]T/)],
  ["API Error: Request rejected (429) · slow down", null],
])("%s", (text, resetsAt) => {
  expect(resetTimeIn(text, NOON)).toEqual(resetsAt);
});

const SAID = new Date(2026, 10, 27, 6, 44, 10).getTime();

test.each([
  ["You’ve hit your usage limit. Upgrade to Pro (https://…) or try again at 6:45 AM.", new Date(2026, 10, 27, 6, 46)],
  ["Try again at 12:05 AM.", new Date(2026, 10, 27, 0, 6)],
  ["or try again at 12:59 PM.", new Date(2026, 10, 27, 13, 0)],
  ["You've hit your usage limit. Try again at Dec 3rd, 2026 6:45 PM.", new Date(2026, 11, 3, 18, 46)],
])("%s", (text, moment) => {
  expect(resetTimeIn(text, SAID)).toBe(moment.toISOString());
});

test.each([
  ["Please try again in 20s. Visit", 20_000],
  ["try again in 1m30.5s", 90_500],
  ["Please retry after 5 minutes", 300_000],
  ["try again in 350ms", 350],
  ["quota resets in 2 hours", 7_200_000],
  ["limit until 1970-01-01T00:00:10Z", 10_000],
])("%j ends after %s ms", (text, expected) => {
  expect(resetTimeIn(text, 0)).toBe(new Date(expected).toISOString());
});

test.each([
  "You’ve hit your usage limit.",
  "You exceeded your current quota",
  "try again at some time",
  "try again at Foo 3rd, 2026 6:45 PM",
])("%s has no time", (text) => {
  expect(resetTimeIn(text, SAID)).toBe(null);
});
