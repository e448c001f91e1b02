import { activity, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aPr, HEAD2, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { nextStep } from "../next-step.ts";

const SEC = 1000;
const MIN = 60 * SEC;
const info = { ...aPr().info, isDraft: true };
const draft = (changes: Parameters<typeof aPr>[0] = {}): TestFact => ({
  kind: "pr",
  snapshot: aPr({ state: "draft", ci: "pending", info, ...changes }),
});
const idle = (mode: boolean | "until-green" = "until-green"): Play =>
  playRunning({ draft: mode }).at(1 * SEC, activity("ready", 1 * SEC));
const failed: TestFact = {
  kind: "effect-failed",
  key: "mark-ready:app-1:7",
  action: "mark-ready",
  failure: { code: "UNREACHABLE", message: "GitHub answered 502" },
};

describe("draft: until-green", () => {
  test("marks the draft as ready once its checks have passed, and not before", () => {
    const run = idle().at(2 * SEC, draft());
    expect(run.last.next.statusRule).toBe("pr-open");
    expect(run.at(3 * SEC, draft({ ci: "failing" })).did("mark-ready")).toEqual([]);
    expect(nextStep(run.record, run.context)).not.toBe("ao ready app-1");
    const green = draft({ ci: "passing", headSha: HEAD2 });
    run.at(4 * SEC, green).at(5 * SEC, draft({ ci: "passing", headSha: HEAD2, baseSha: HEAD2 }));
    expect(run.did("mark-ready")).toEqual([{ kind: "mark-ready", key: "mark-ready:app-1:7", number: 7 }]);
    run.at(6 * SEC, { kind: "pr-ready", number: 7 });
    expect(run.record).toMatchObject({
      status: "review_pending",
      pr: { snapshot: { state: "open", info: { isDraft: false } } },
    });
  });

  test("does so as well where there are no checks, as soon as that is certain", () => {
    const run = idle().at(2 * SEC, draft({ ci: "none" }));
    expect(run.did("mark-ready")).toEqual([]);
    expect(run.until(6 * MIN).did("mark-ready")).toHaveLength(1);
    expect(
      idle()
        .at(2 * SEC, draft({ ci: "none", isCiAbsent: true }))
        .did("mark-ready"),
    ).toHaveLength(1);
  });

  test("leaves alone what somebody made a draft again, until `ao ready`", () => {
    const run = idle()
      .at(2 * SEC, draft({ ci: "passing", state: "open" }))
      .at(3 * SEC, draft({ ci: "passing" }));
    expect(run.did("mark-ready")).toEqual([]);
    expect(nextStep(run.record, run.context)).toBe("ao ready app-1");
  });

  test("leaves alone a draft that was taken over", () => {
    const run = playRunning({ draft: "until-green" }, { pr: { taken: { info, at: iso() } } });
    run.at(1 * SEC, activity("ready", 1 * SEC)).at(2 * SEC, draft({ ci: "passing" }));
    expect(run.did("mark-ready")).toEqual([]);
  });

  test("is tried again later and later after a failure, and you are told after a quarter of an hour", () => {
    const run = idle().at(2 * SEC, draft({ ci: "passing" }), { kind: "wish-pause", isPaused: true });
    expect(run.did("mark-ready")).toEqual([]);
    run.at(3 * SEC, { kind: "wish-pause", isPaused: false }).at(4 * SEC, failed);
    expect(run.record.attention).toMatchObject({ level: "info", reason: expect.stringContaining("tried again") });
    expect(run.until(33 * SEC).did("mark-ready")).toHaveLength(1);
    expect(run.until(34 * SEC).did("mark-ready")).toHaveLength(2);
    let attempts = 2;
    for (let minute = 1; attempts < 7; minute += 1) {
      run.at(minute * MIN, failed).until((minute + 1) * MIN - 1);
      attempts = run.did("mark-ready").length;
    }
    run.at(60 * MIN, failed);
    expect(run.record.attention).toMatchObject({
      reason: "PR 7 could not be marked as ready for review: GitHub answered 502",
      hint: "ao ready app-1",
    });
    run.at(61 * MIN, { kind: "pr-ready", number: 7 });
    expect(run.record.attention?.hint).not.toBe("ao ready app-1");
  });

  test("is not tried again where that does not help", () => {
    const run = idle().at(2 * SEC, draft({ ci: "passing" }));
    const refused = { ...failed, failure: { code: "REFUSED", message: "no write access" } } as TestFact;
    run.at(3 * SEC, refused).until(60 * MIN);
    expect([run.did("mark-ready").length, run.record.attention?.hint]).toEqual([1, "ao ready app-1"]);
  });
});

test.each([true, false])("with `draft: %s` only you mark a draft as ready", (mode) => {
  const run = idle(mode).at(2 * SEC, draft({ ci: "passing" }));
  expect(run.did("mark-ready")).toEqual([]);
  expect(nextStep(run.record, run.context)).toBe("ao ready app-1");
});
