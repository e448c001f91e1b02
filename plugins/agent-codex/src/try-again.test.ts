import { expect, test } from "vitest";
import { againAt } from "./try-again.ts";

const SAID = new Date(2026, 10, 27, 6, 44, 10).getTime();

test.each([
  ["You’ve hit your usage limit. Upgrade to Pro (https://…) or try again at 6:45 AM.", new Date(2026, 10, 27, 6, 46)],
  ["Try again at 12:05 AM.", new Date(2026, 10, 27, 0, 6)],
  ["or try again at 12:59 PM.", new Date(2026, 10, 27, 13, 0)],
  ["You've hit your usage limit. Try again at Dec 3rd, 2026 6:45 PM.", new Date(2026, 11, 3, 18, 46)],
])("%s", (text, moment) => {
  expect(againAt(text, SAID)).toBe(moment.toISOString());
});

test.each(["You’ve hit your usage limit.", "try again at some time", "try again at Foo 3rd, 2026 6:45 PM"])(
  "%s has no time",
  (text) => {
    expect(againAt(text, SAID)).toBe(null);
  },
);
