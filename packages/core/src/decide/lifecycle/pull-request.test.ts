import { activity, exited, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aPr, aWork, HEAD, HEAD2, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";

const SEC = 1000;
const pr = (changes: Parameters<typeof aPr>[0] = {}): TestFact => ({ kind: "pr", snapshot: aPr(changes) });
const work = (ms: number, changes: Parameters<typeof aWork>[0] = {}): TestFact => ({
  kind: "work",
  work: aWork({ at: iso(ms), ...changes }),
});
const resting = (policy: Parameters<typeof playRunning>[0] = {}): Play =>
  playRunning(policy).at(1 * SEC, activity("ready", 1 * SEC));
const green = { ci: "passing", review: "approved" } as const;

describe("the pull request at the end of a turn", () => {
  test("is asked for once a head, when the checkout was looked at after the turn and has commits", () => {
    const run = playRunning()
      .at(1 * SEC, work(1 * SEC, { commitsAhead: 1 }))
      .at(2 * SEC, activity("ready", 2 * SEC));
    expect(run.did("open-pr")).toEqual([]);
    run.at(3 * SEC, work(3 * SEC, { commitsAhead: 1 }));
    expect(run.did("open-pr")).toMatchObject([{ key: `open-pr:app-1:${HEAD}`, title: "Make it fast" }]);
    run.at(4 * SEC, work(4 * SEC, { commitsAhead: 1, changedFiles: 1 }));
    expect(run.did("open-pr")).toHaveLength(1);
  });

  test.each([
    ["there are no commits", {}, { commitsAhead: 0 }],
    ["the project opens them by hand", { openPr: "manual" }, { commitsAhead: 1 }],
    ["the project is paused", { isPaused: true }, { commitsAhead: 1 }],
  ] as const)("is not asked for when %s", (_, policy, changes) => {
    const run = playRunning(policy)
      .at(2 * SEC, activity("ready", 2 * SEC))
      .at(3 * SEC, work(3 * SEC, changes));
    expect(run.did("open-pr")).toEqual([]);
  });

  test("is not asked for while the commits are on another branch than its own: the human is shown which", () => {
    const run = resting().at(3 * SEC, work(3 * SEC, { commitsAhead: 1, branch: "my-own-name" }));
    expect(run.did("open-pr")).toEqual([]);
    expect(run.record.attention).toMatchObject({ level: "action", reason: expect.stringContaining("on my-own-name") });
    run
      .at(4 * SEC, { kind: "reported", state: "done", note: null })
      .at(5 * SEC, work(5 * SEC, { commitsAhead: 1, branch: "my-own-name" }));
    expect(run.record.ending).toBeNull();
    run.at(6 * SEC, work(6 * SEC, { commitsAhead: 1 }));
    expect(run.did("open-pr")).toHaveLength(1);
    expect(run.record.attention).toBeNull();
  });

  test("is not opened again on a head that a human closed, but on a newer one", () => {
    const run = resting()
      .at(2 * SEC, pr())
      .at(3 * SEC, pr({ state: "closed" }))
      .at(4 * SEC, work(4 * SEC, { commitsAhead: 1 }));
    expect(run.did("open-pr")).toEqual([]);
    run.at(5 * SEC, activity("active", 5 * SEC)).at(6 * SEC, activity("ready", 6 * SEC));
    run.at(7 * SEC, work(7 * SEC, { commitsAhead: 2, headSha: HEAD2 }));
    expect(run.did("open-pr")).toHaveLength(1);
  });

  test("comes before the end of a session that says it is done, and a failure of it does not hide that", () => {
    const run = playRunning()
      .at(1 * SEC, { kind: "reported", state: "done", note: null })
      .at(2 * SEC, work(2 * SEC, { commitsAhead: 1 }));
    expect([run.record.status, run.did("open-pr").length]).toEqual(["working", 1]);
    const failure = { code: "REFUSED", message: "nothing to compare" } as const;
    run.at(3 * SEC, { kind: "effect-failed", key: `open-pr:app-1:${HEAD}`, action: "open-pr", failure });
    expect(run.record.status).toBe("done");
    expect(run.record.notes.at(-1)).toContain("nothing to compare");
  });

  test("comes before any alarm about an agent that exits after its work", () => {
    const run = playRunning()
      .at(1 * SEC, exited(1 * SEC, 0))
      .at(2 * SEC, work(2 * SEC, { commitsAhead: 1 }));
    expect([run.record.status, run.did("open-pr").length]).toEqual(["working", 1]);
    run.at(3 * SEC, pr());
    expect(run.types()).not.toContain("session.stuck");
    expect(run.record.status).toBe("review_pending");
  });

  test("that an agent opened by itself is waited for before its 'done' is taken for the end", () => {
    const run = playRunning({ openPr: "manual" }).at(1 * SEC, { kind: "reported", state: "done", note: null });
    run.at(2 * SEC, work(2 * SEC, { commitsAhead: 1 }));
    expect(run.record.status).toBe("working");
    expect(run.at(30 * SEC, pr()).record.status).toBe("review_pending");
  });

  test("keeps a session that says it is done alive for its checks and reviews", () => {
    const run = playRunning()
      .at(1 * SEC, { kind: "reported", state: "done", note: null })
      .at(2 * SEC, work(2 * SEC, { commitsAhead: 1 }));
    expect(run.at(3 * SEC, pr()).record.status).toBe("review_pending");
  });
});

describe("merge", () => {
  test("by the human merges the head they named, then ends, stops the agent and closes the issue, untold", () => {
    const run = resting()
      .at(2 * SEC, pr(green))
      .at(3 * SEC, { kind: "wish-merge", headSha: HEAD, method: "squash" });
    expect(run.did("merge")).toEqual([
      { kind: "merge", key: `merge:app-1:${HEAD}`, headSha: HEAD, method: "squash", isAuto: false },
    ]);
    const told = run.did("notify").length;
    run.at(4 * SEC, { kind: "merged", headSha: HEAD });
    expect(run.record).toMatchObject({ status: "merged", ending: { by: "user" } });
    expect(run.types()).toEqual(expect.arrayContaining(["merge.completed", "pr.merged"]));
    expect(run.did("close-issue")).toMatchObject([{ issueId: "42" }]);
    expect(run.did("stop")).toHaveLength(1);
    expect(run.did("notify")).toHaveLength(told);
  });

  test("is ours whoever tells of it first", () => {
    const run = resting()
      .at(2 * SEC, pr(green))
      .at(3 * SEC, { kind: "wish-merge", headSha: HEAD, method: null })
      .at(4 * SEC, pr({ ...green, state: "merged" }))
      .at(5 * SEC, { kind: "merged", headSha: HEAD });
    expect(run.record.ending).toMatchObject({ status: "merged", by: "user" });
    expect(run.types().filter((type) => type === "merge.completed")).toHaveLength(1);
    expect(run.did("notify").filter((each) => each.key.includes("merged"))).toEqual([]);
  });

  test("of another head than the present one does nothing", () => {
    const run = resting()
      .at(2 * SEC, pr(green))
      .at(3 * SEC, { kind: "wish-merge", headSha: HEAD2, method: null });
    expect(run.did("merge")).toEqual([]);
  });

  test("found out is told once, and an agent in the middle of a word is stopped a little later", () => {
    const run = playRunning()
      .at(2 * SEC, pr(green))
      .at(3 * SEC, pr({ ...green, state: "merged" }));
    expect(run.did("notify").filter((each) => each.key.includes("merged"))).toHaveLength(1);
    expect(run.did("stop")).toEqual([]);
    expect(run.until(13 * SEC).did("stop")).toHaveLength(1);
  });

  test("that fails asks the human and can be tried again", () => {
    const run = resting()
      .at(2 * SEC, pr(green))
      .at(3 * SEC, { kind: "wish-merge", headSha: HEAD, method: null });
    const failure = { code: "REFUSED", message: "your edits in src/a.js are in the way" } as const;
    run.at(4 * SEC, { kind: "effect-failed", key: `merge:app-1:${HEAD}`, action: "merge", failure });
    expect(run.record.attention?.reason).toContain("your edits");
    expect(run.at(5 * SEC, { kind: "wish-merge", headSha: HEAD, method: null }).did("merge")).toHaveLength(2);
  });
});

test("an answer from before the merge does not take the merge back", () => {
  const run = playRunning().at(1000, { kind: "pr", snapshot: aPr({ state: "merged" }) });
  run.at(2000, { kind: "pr", snapshot: aPr({ state: "open" }) });
  expect(run.record.pr?.state).toBe("merged");
  expect(run.record.status).toBe("merged");
});
