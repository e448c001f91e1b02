import { activity, playRunning } from "@agent-orchestrator/testkit/play";
import { aCheck, aPr, aReview, HEAD2, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { blockersOf } from "./ci.ts";

const MIN = 60_000;
const pr = (changes: Parameters<typeof aPr>[0]) => ({ kind: "pr", snapshot: aPr(changes) }) as const;
const resting = () => playRunning().at(1000, activity("ready", 1000));
const ready = { ci: "passing", review: "approved" } as const;

describe("mergeable", () => {
  test.each([
    ["a draft", { state: "draft" }],
    ["no approval", { review: "pending" }],
    ["a check that runs", { ci: "pending" }],
    ["a check that fails", { ci: "failing" }],
    ["a conflict", { hasConflicts: true }],
    ["an unknown conflict", { hasConflicts: null }],
    ["an open request for changes", { review: "changes_requested", reviews: [aReview()] }],
    [
      "a hold",
      { readiness: { mergeable: false, ciPassing: true, approved: true, noConflicts: true, blockers: ["hold"] } },
    ],
  ] as const)("is refused by %s", (_, changes) => {
    const { record } = resting().at(5000, pr({ ...ready, ...(changes as Parameters<typeof aPr>[0]) }));
    expect(record.status).not.toBe("mergeable");
  });

  test("is up to the scm where a request was answered by resolving its comments", () => {
    const reviews = [aReview(), aReview({ id: "r2", author: "ben", state: "approved", submittedAt: iso(9) })];
    expect(resting().at(5000, pr({ ...ready, reviews })).record.status).toBe("mergeable");
  });
});

test("a check that waits for an approval is in the way by name", () => {
  const checks = [aCheck({ name: "deploy", status: "pending", problem: "it waits for someone's approval on GitHub" })];
  const { record, context } = resting().at(5000, pr({ ...ready, ci: "pending", checks }));
  expect(blockersOf(record, context)).toEqual(["CI cannot run (deploy: it waits for someone's approval on GitHub)"]);
});

describe("checks that never come", () => {
  const bare = { ci: "none", review: "approved" } as const;

  test("are pending for 5 minutes of the push and none from then on", () => {
    const run = resting().at(5000, pr(bare));
    expect(run.record.status).toBe("approved");
    expect(run.until(5000 + 5 * MIN - 1).record.status).toBe("approved");
    expect(run.until(5000 + 5 * MIN).record.status).toBe("mergeable");
  });

  test("count anew with a new head and after a time in which the scm did not answer", () => {
    const run = resting()
      .at(5000, pr(bare))
      .until(4 * MIN)
      .at(4 * MIN, pr({ ...bare, headSha: HEAD2 }));
    expect(run.until(6 * MIN).record.status).toBe("approved");
    run.at(7 * MIN, { kind: "unanswered", question: "pr", failure: { code: "UNREACHABLE", message: "slow" } });
    expect(run.until(20 * MIN).record.status).toBe("approved");
    run.at(21 * MIN, pr({ ...bare, headSha: HEAD2 }));
    expect(run.record.status).toBe("approved");
    expect(run.until(26 * MIN).record.status).toBe("mergeable");
  });
});
