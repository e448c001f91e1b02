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

  test("waits for the session to follow its agent to another branch, and is of that one", () => {
    const run = resting().at(3 * SEC, work(3 * SEC, { commitsAhead: 1, branch: "my-own-name" }));
    expect(run.did("open-pr")).toEqual([]);
    expect(run.did("follow-branch")).toEqual([
      { kind: "follow-branch", key: `follow:app-1:my-own-name:${HEAD}`, branch: "my-own-name" },
    ]);
    expect(run.record.attention).toBeNull();
    run.at(4 * SEC, { kind: "branch-followed", branch: "my-own-name" });
    expect(run.record).toMatchObject({ branch: "my-own-name", stray: null });
    expect(run.record.notes.at(-1)).toBe("Its branch is my-own-name now; it was feat/42.");
    expect(run.did("open-pr")).toHaveLength(1);
  });

  test("is not asked for on a branch that may not be followed: you are shown which, why, and the way back", () => {
    const run = resting().at(3 * SEC, work(3 * SEC, { commitsAhead: 1, branch: "develop" }));
    run.at(4 * SEC, { kind: "branch-refused", branch: "develop", reason: "develop is older than this session" });
    expect(run.did("open-pr")).toEqual([]);
    expect(run.record.attention).toMatchObject({
      level: "action",
      reason: "its checkout is on develop, not on feat/42 (develop is older than this session)",
      hint: "ao exec app-1 -- git switch feat/42",
    });
    run
      .at(5 * SEC, { kind: "reported", state: "done", note: null })
      .at(6 * SEC, work(6 * SEC, { commitsAhead: 1, branch: "develop" }));
    expect(run.record.ending).toBeNull();
    expect(run.did("follow-branch")).toHaveLength(1);
    run.at(7 * SEC, work(7 * SEC, { commitsAhead: 1 }));
    expect(run.did("open-pr")).toHaveLength(1);
    expect(run.record.attention).toBeNull();
  });

  test("is not asked for while the commits are on no branch, and you are told how to keep them", () => {
    const run = resting().at(3 * SEC, work(3 * SEC, { commitsAhead: 1, branch: null }));
    expect([run.did("open-pr"), run.did("follow-branch")]).toEqual([[], []]);
    expect(run.record.attention).toMatchObject({
      reason: "its commits are on no branch",
      hint: "ao exec app-1 -- git switch -c feat/42-more",
    });
    run.at(4 * SEC, work(4 * SEC, { commitsAhead: 1, branch: null, operation: "rebase" }));
    expect(run.record.attention).toBeNull();
  });

  test("is not moved to another branch in the middle of a turn or a rebase", () => {
    const run = playRunning()
      .at(1 * SEC, activity("active", 1 * SEC))
      .at(2 * SEC, work(2 * SEC, { commitsAhead: 1, branch: "tmp" }));
    expect(run.did("follow-branch")).toEqual([]);
    run.at(3 * SEC, { kind: "wish-branch", branch: "tmp", headSha: HEAD });
    expect(run.did("follow-branch")).toHaveLength(1);
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
  test("by the user merges the head they named, then ends, stops the agent and closes the issue, untold", () => {
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

  test("that fails asks the user and can be tried again", () => {
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
  expect(run.record.pr.snapshot?.state).toBe("merged");
  expect(run.record.status).toBe("merged");
});

describe("commits beyond a pull request that is over", () => {
  const second = (changes: Parameters<typeof aPr>[0] = {}): TestFact =>
    pr({ info: { ...aPr().info, number: 8, url: "ao://my-app/8" }, headSha: HEAD2, ...changes });
  /** Merged, ended and restored; the checkout is still as it was merged. */
  const restored = (): Play =>
    resting()
      .at(2 * SEC, pr(green))
      .at(3 * SEC, pr({ ...green, state: "merged" }))
      .until(20 * SEC)
      .at(21 * SEC, { kind: "stopped", launch: 1 })
      .at(22 * SEC, { kind: "wish-restore" })
      .at(23 * SEC, { kind: "admitted" })
      .at(24 * SEC, {
        kind: "launched",
        launch: 2,
        handle: { id: "h", runtimeName: "tmux", data: {} },
        pid: 1,
        startId: "x",
        isReady: true,
      })
      .at(25 * SEC, {
        kind: "activity",
        launch: 2,
        activity: { state: "ready", since: iso(25 * SEC), source: "hook", evidence: "" },
      })
      .at(26 * SEC, work(26 * SEC, { commitsAhead: 1 }));

  test("get a new one after a merge and a restore; what was merged is not offered again", () => {
    const run = restored();
    expect(run.did("open-pr")).toEqual([]);
    run
      .at(30 * SEC, {
        kind: "activity",
        launch: 2,
        activity: { state: "active", since: iso(30 * SEC), source: "hook", evidence: "" },
      })
      .at(31 * SEC, { kind: "turn-ended", launch: 2 })
      .at(32 * SEC, work(32 * SEC, { commitsAhead: 2, headSha: HEAD2 }));
    expect(run.did("open-pr")).toMatchObject([{ key: `open-pr:app-1:${HEAD2}` }]);
    run.at(33 * SEC, second());
    expect(run.record).toMatchObject({
      status: "review_pending",
      ending: null,
      pr: {
        snapshot: { info: { number: 8 } },
        earlier: [{ number: 7, state: "merged", headSha: HEAD, baseBranch: "main" }],
      },
    });
    expect(run.types().filter((type) => type === "pr.created")).toHaveLength(2);
    // A late answer about the old one changes nothing any more.
    expect(run.at(34 * SEC, pr({ ...green, state: "merged" })).record.pr.snapshot?.info.number).toBe(8);
    run.at(35 * SEC, second({ ...green, state: "merged" }));
    expect(run.record).toMatchObject({ status: "merged", ending: { reason: "PR 8 was merged" } });
  });

  test("get a new one after a close, and the old one stays in the history", () => {
    const run = resting()
      .at(2 * SEC, pr())
      .at(3 * SEC, pr({ state: "closed" }))
      .at(5 * SEC, activity("active", 5 * SEC))
      .at(6 * SEC, activity("ready", 6 * SEC))
      .at(7 * SEC, work(7 * SEC, { commitsAhead: 2, headSha: HEAD2 }))
      .at(8 * SEC, second());
    expect(run.record.pr.earlier).toMatchObject([{ number: 7, state: "closed" }]);
    expect(run.record.attention?.reason ?? "").not.toContain("closed");
  });

  test("that nobody opens one for are what an idle agent leaves behind, also where pull requests are opened by hand", () => {
    const run = playRunning({ openPr: "manual" })
      .at(1 * SEC, pr())
      .at(2 * SEC, pr({ state: "closed" }))
      .at(3 * SEC, activity("ready", 3 * SEC))
      .at(4 * SEC, work(4 * SEC, { commitsAhead: 2, headSha: HEAD2, unpushedCommits: 0 }))
      .until(400 * SEC);
    expect(run.did("notify").at(-1)).toMatchObject({
      notification: {
        event: { type: "session.idle", message: expect.stringContaining("2 commits without a pull request") },
      },
    });
  });
});

test("a pull request whose base was merged is followed to the new base, and that is said", () => {
  const stacked = { ...aPr().info, baseBranch: "feat/41" };
  const run = playRunning({}, { baseBranch: "feat/41" }).at(1 * SEC, pr({ info: stacked }));
  run.at(2 * SEC, pr({ baseNote: "now based on main: #6 (feat/41) was merged" }));
  expect(run.record.baseBranch).toBe("main");
  expect(run.record.notes.at(-1)).toBe("PR 7 is now based on main: #6 (feat/41) was merged.");
  expect(run.events.at(-1)).toMatchObject({
    type: "pr.updated",
    message: "app-1: PR 7 is now based on main: #6 (feat/41) was merged",
    data: { baseBranch: "main", was: { baseBranch: "feat/41" } },
  });
});
