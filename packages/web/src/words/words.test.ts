import { age } from "@agent-orchestrator/core/model/text";
import { expect, it } from "vitest";
import { pr, view } from "../testing/view.ts";
import { clockTime } from "./age.ts";
import { ciMark, costShort, doingOf, issueTag, reasonOf, reviewMark, waitOf } from "./session-words.ts";

const NOW = Date.parse("2026-01-02T04:04:05.000Z");

it("tells ages with one unit", () => {
  expect([0, 59_000, 60_000, 7_200_000, 200_000_000].map(age)).toEqual(["0 s", "59 s", "1 m", "2 h", "2 d"]);
  expect(clockTime(new Date(2026, 0, 2, 9, 5).toISOString(), new Date(2026, 0, 2, 12).getTime())).toBe("09:05");
});

it("says what an agent does, and how that is known", () => {
  expect(doingOf(view())).toEqual({ text: "working", evidence: "by its hooks" });
  expect(doingOf(view({ isPaused: true }))).toEqual({ text: "paused", evidence: "" });
  expect(doingOf(view({ activity: null }))).toBeNull();
});

it("says how long a session has waited for you", () => {
  expect(waitOf(view(), NOW)).toBe("for 1 h");
  expect(waitOf(view({ group: "needs-you" }), NOW)).toBe("waits 1 h");
  expect(waitOf(view({ group: "ended" }), NOW)).toBe("1 h ago");
});

it("marks CI and review, in words too", () => {
  expect(ciMark(view())).toBeNull();
  expect(ciMark(view({ pr: { ...pr, ci: "failing" } }))).toEqual({ tone: "bad", text: "CI fails" });
  expect(reviewMark(view({ pr: { ...pr, review: "none" } }))).toBeNull();
});

it("cleans what strangers wrote", () => {
  expect(reasonOf(view({ because: "\u001b[31mred\u202e" }))).toBe("red");
  expect(issueTag({ id: "INT-1" })).toBe("INT-1");
  expect(issueTag({ id: "42" })).toBe("#42");
});

it("shows dollars only where they are known", () => {
  const spent = { usd: null, tokens: 1_500, model: null, kinds: null, knownUsd: 0, unpriced: ["m"], models: [] };
  expect(costShort(view({ cost: spent }))).toBe("1.5 k tokens");
  expect(costShort(view({ cost: { ...spent, knownUsd: 2 } }))).toBe("≥ $2.00");
  expect(costShort(view({ cost: { ...spent, usd: 2, knownUsd: 2 } }))).toBe("$2.00");
});
