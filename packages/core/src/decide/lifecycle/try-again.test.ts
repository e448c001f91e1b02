import { activity, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aPr, aWork, HEAD, HEAD2, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { resolveReactions } from "../../model/config-reactions.ts";

const SEC = 1000;
const MIN = 60 * SEC;
const work = (ms: number, headSha = HEAD): TestFact => ({
  kind: "work",
  work: aWork({ at: iso(ms), commitsAhead: 1, headSha }),
});
const failed = (action: "open-pr" | "merge", code: "UNREACHABLE" | "REFUSED"): TestFact => ({
  kind: "effect-failed",
  key: "any",
  action,
  failure: { code, message: code === "UNREACHABLE" ? "GitHub's rate limit is used up" : "nothing to compare" },
});
const resting = (policy: Parameters<typeof playRunning>[0] = {}): Play =>
  playRunning(policy).at(1 * SEC, activity("ready", 1 * SEC));

describe("a pull request that cannot be opened now", () => {
  test("is asked for again after 30 s, then later each time, and the user is told after a quarter of an hour", () => {
    const run = resting().at(3 * SEC, work(3 * SEC));
    let now = 4 * SEC;
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      expect(run.did("open-pr")).toHaveLength(attempt);
      run.at(now, failed("open-pr", "UNREACHABLE"));
      const level = run.record.attention?.level;
      expect([attempt, level]).toEqual([attempt, attempt < 6 ? "info" : "action"]);
      const due = Date.parse(run.record.pr.openFailure?.retryAt ?? "") - Date.parse(iso(0));
      waits.push((due - now) / SEC);
      run.at(due - 1);
      expect(run.did("open-pr")).toHaveLength(attempt);
      run.at(due);
      now = due + SEC;
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
    expect(run.record.notes.filter((note) => note.includes("rate limit"))).toHaveLength(1);
    run.at(now, { kind: "pr", snapshot: aPr() });
    expect(run.did("open-pr")).toHaveLength(9);
    expect(run.record.attention?.reason ?? "").not.toContain("rate limit");
  });

  test("is not asked for again if it was refused, or for a commit that is no longer the head", () => {
    const refused = resting()
      .at(3 * SEC, work(3 * SEC))
      .at(4 * SEC, failed("open-pr", "REFUSED"));
    expect(refused.record.attention?.reason).toBe("no pull request: nothing to compare");
    expect(refused.at(60 * MIN).did("open-pr")).toHaveLength(1);
    const moved = resting()
      .at(3 * SEC, work(3 * SEC))
      .at(4 * SEC, failed("open-pr", "UNREACHABLE"));
    moved.at(5 * SEC, work(5 * SEC, HEAD2));
    expect(moved.did("open-pr")).toHaveLength(2);
    expect(moved.record.pr.openFailure ?? null).toBeNull();
  });
});

test("an automatic merge that cannot be done now is tried again, and one that is refused is told", () => {
  const ready = { ci: "passing", review: "approved" } as const;
  const reactions = resolveReactions({ "approved-and-green": { auto: true, action: "auto-merge" } });
  const begin = () => resting({ openPr: "manual", reactions }).at(2 * SEC, { kind: "pr", snapshot: aPr(ready) });
  const run = begin();
  expect(run.did("merge")).toHaveLength(1);
  run.at(3 * SEC, failed("merge", "UNREACHABLE"));
  expect(run.record.pr.merging).toBeNull();
  expect(JSON.stringify(run.did("notify"))).not.toMatch(/ready to merge|rate limit/);
  run.at(32 * SEC);
  expect(run.did("merge")).toHaveLength(1);
  run.at(33 * SEC);
  expect(run.did("merge")).toHaveLength(2);
  run.at(34 * SEC, failed("merge", "UNREACHABLE")).at(93 * SEC);
  expect(run.did("merge")).toHaveLength(2);
  run.at(94 * SEC);
  expect(run.did("merge")).toHaveLength(3);
  const refused = begin()
    .at(3 * SEC, failed("merge", "REFUSED"))
    .at(60 * MIN);
  expect(refused.did("merge")).toHaveLength(1);
  expect(refused.record.attention?.reason).toContain("merging failed");
});
