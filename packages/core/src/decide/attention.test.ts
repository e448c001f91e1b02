import { activity, exited, type Play, play, playRunning } from "@agent-orchestrator/testkit/play";
import { aCheck, aComment, aPr, aReview, aWork, HEAD, HEAD2, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { groupOf } from "./view.ts";

const SEC = 1000;
const MIN = 60 * SEC;
const pr = (changes: Parameters<typeof aPr>[0]) => ({ kind: "pr", snapshot: aPr(changes) }) as const;
const work = (ms: number, changes: Parameters<typeof aWork>[0] = {}) =>
  ({ kind: "work", work: aWork({ at: iso(ms), ...changes }) }) as const;
const green = { ci: "passing", review: "pending" } as const;
const idle = (run: Play, ms: number) => run.at(ms, activity("ready", ms));

/** What the user was told, in order. */
const told = (run: Play) =>
  run.actions.flatMap((action) =>
    action.kind === "notify" ? [`${action.notification.event.priority}: ${action.notification.event.message}`] : [],
  );

describe("a pull request that waits for a review", () => {
  test("needs you and is told once, when its checks are done and the agent is idle", () => {
    const run = idle(playRunning(), 1 * SEC).at(2 * SEC, pr({ ...green, ci: "pending" }));
    expect([groupOf(run.record), told(run)]).toEqual(["waiting", []]);
    run.at(3 * SEC, pr(green));
    expect(run.record.attention).toMatchObject({
      level: "action",
      reason: "PR 7 is waiting for your review",
      hint: "ao diff app-1, then ao review app-1 --approve",
    });
    run.at(4 * SEC).at(40 * MIN);
    expect(told(run)).toEqual(["action: app-1: PR 7 is waiting for your review"]);
    expect(run.types().filter((type) => type === "review.pending")).toHaveLength(1);
  });

  test("waits until the agent is idle, and until no conflict is being resolved", () => {
    const busy = playRunning().at(2 * SEC, pr(green));
    expect([groupOf(busy.record), told(busy)]).toEqual(["working", []]);
    const conflict = idle(playRunning(), 1 * SEC).at(2 * SEC, pr({ ...green, hasConflicts: true }));
    expect(told(conflict)).toEqual([]);
  });

  test("is the same wait after more commits, and another one after a review", () => {
    const run = idle(playRunning(), 1 * SEC).at(2 * SEC, pr(green));
    run.at(3 * SEC, pr({ ...green, headSha: HEAD2 }));
    expect(told(run)).toHaveLength(1);
    const stale = aReview({ state: "approved", headSha: HEAD, submittedAt: iso(4 * SEC) });
    run.at(40 * MIN, pr({ ...green, headSha: HEAD2, reviews: [stale] }));
    expect(told(run)).toHaveLength(2);
  });

  test("is not told to the one who has just reviewed it, but new commits after that are", () => {
    const run = idle(playRunning(), 1 * SEC)
      .at(2 * SEC, pr(green))
      .at(40 * MIN, { kind: "human-did", what: "reviewed" });
    const reviews = [aReview({ state: "commented", headSha: HEAD, submittedAt: iso(40 * MIN) })];
    run.at(40 * MIN, pr({ ...green, reviews }));
    expect(told(run)).toHaveLength(1);
    run.at(40 * MIN + SEC, pr({ ...green, reviews, headSha: HEAD2 }));
    expect(told(run)).toHaveLength(2);
  });

  test("on a forge is for somebody else: an event, and no notification", () => {
    const info = { ...aPr().info, url: "https://example.org/pull/7" };
    const run = idle(playRunning(), 1 * SEC).at(2 * SEC, pr({ ...green, info }));
    expect([groupOf(run.record), told(run)]).toEqual(["waiting", []]);
    expect(run.events.find(({ type }) => type === "review.pending")).toMatchObject({ priority: "info" });
  });
});

describe("an agent that finishes without a result", () => {
  const nothing = { commitsAhead: 0, changedFiles: 0 };

  test("and ends needs a look once, with its last words", () => {
    const run = playRunning()
      .at(10 * SEC, exited(10 * SEC, 0))
      .at(11 * SEC, work(11 * SEC, nothing));
    expect(run.record).toMatchObject({
      status: "done",
      attention: { level: "action", reason: "it ended without a result: “bye”", hint: "ao show app-1" },
    });
    expect(groupOf(run.record)).toBe("needs-you");
    run.at(30 * MIN);
    expect(told(run)).toEqual(["action: app-1: it ended without a result: “bye”"]);
    run.at(31 * MIN, { kind: "human-did", what: "looked" });
    expect([groupOf(run.record), run.record.status]).toEqual(["ended", "done"]);
  });

  test("by its own word needs a look too, and one with commits does not", () => {
    const report = { kind: "reported", state: "done", note: "was fixed already" } as const;
    const run = idle(playRunning(), 1 * SEC)
      .at(2 * SEC, report)
      .at(3 * SEC, work(3 * SEC, nothing));
    expect(run.record).toMatchObject({
      status: "done",
      attention: { reason: "it ended without a result: “was fixed already”" },
    });
    const manual = idle(playRunning({ openPr: "manual" }), 1 * SEC)
      .at(2 * SEC, report)
      .at(3 * SEC, work(3 * SEC, { ...nothing, commitsAhead: 1 }));
    expect([manual.until(10 * MIN).record.status, manual.record.attention]).toEqual(["done", null]);
  });

  test("and is idle needs a look: at once where its program ends with the turn, else after a while", () => {
    const perTurn = { agent: { lifetime: "per-turn", receipts: "never", canResume: true } } as const;
    const once = playRunning(perTurn)
      .at(10 * SEC, exited(10 * SEC, 0))
      .at(11 * SEC, work(11 * SEC, nothing));
    expect(once.record).toMatchObject({
      status: "working",
      attention: { level: "action", reason: "it is idle without a result: “bye”" },
    });
    expect(told(once)).toHaveLength(1);
    const chat = idle(playRunning(), 1 * SEC).at(2 * SEC, work(2 * SEC, nothing));
    expect(chat.record.attention).toBeNull();
    chat.until(6 * MIN);
    expect(chat.record.attention).toMatchObject({ reason: "idle, with no commits and no changed files" });
    expect(told(chat)).toHaveLength(1);
    chat.at(7 * MIN, activity("active", 7 * MIN));
    expect(chat.record.attention).toBeNull();
  });

  test("is nobody's business where somebody sat at its terminal, or where it had no task", () => {
    const typed = playRunning()
      .at(9 * SEC, { kind: "human-input" })
      .at(10 * SEC, exited(10 * SEC, 0))
      .at(11 * SEC, work(11 * SEC, nothing));
    expect([typed.record.status, typed.record.attention, told(typed)]).toEqual(["done", null, []]);
    const free = playRunning({}, { task: { issue: null, prompt: null } });
    free.at(10 * SEC, exited(10 * SEC, 0)).at(11 * SEC, work(11 * SEC, nothing));
    expect([free.record.status, free.record.attention]).toEqual(["done", null]);
  });
});

describe("what had no separate event", () => {
  test("a comment of somebody who may not instruct the agent is told though trusted ones are there too", () => {
    const comments = [aComment(), aComment({ id: "c2", author: "eve", isTrusted: false })];
    const run = idle(playRunning(), 1 * SEC).at(2 * SEC, pr({ ...green, comments }));
    expect(run.record.attention?.reason).toBe("1 comment is held: eve may not instruct the agent");
    expect(told(run)).toEqual(["action: app-1: 1 comment is held: eve may not instruct the agent"]);
  });

  test("a session that ao ended for its own reason is told", () => {
    const failure = { code: "NO_SPACE", message: "the disk is full" } as const;
    const run = playRunning().at(5, { kind: "wish-remove", reason: "limit" }).at(6, { kind: "stopped", launch: 1 });
    expect([groupOf(run.record), told(run)]).toEqual(["ended", []]);
    run.at(7, { kind: "effect-failed", key: "remove:app-1:1", action: "remove", failure });
    expect([groupOf(run.record), told(run)]).toEqual(["needs-you", ["action: app-1: limit"]]);
  });

  test("a removal that fails is told, but not to the one who has just asked for it", () => {
    const failure = { code: "NO_SPACE", message: "the disk is full" } as const;
    const failed = { kind: "effect-failed", key: "remove:app-1:1", action: "remove", failure } as const;
    const kill = { kind: "wish-kill", remove: true, by: "user", reason: "ao kill" } as const;
    const run = playRunning().at(5, kill).at(6, { kind: "stopped", launch: 1 }).at(7, failed);
    expect([groupOf(run.record), told(run)]).toEqual(["needs-you", []]);
  });

  test("a pull request that cannot be opened is told", () => {
    const run = idle(playRunning(), 1 * SEC).at(2 * SEC, work(2 * SEC, { commitsAhead: 1 }));
    const [action] = run.did("open-pr");
    const failure = { code: "FAILED", message: "the branch is protected" } as const;
    run.at(3 * SEC, { kind: "effect-failed", key: action?.key ?? "", action: "open-pr", failure });
    expect(told(run)).toEqual(["action: app-1: no pull request: the branch is protected"]);
  });
});

test("a failure on the base is told again when it is over and comes back", () => {
  const red = { ci: "failing", checks: [aCheck({ failsOnBase: true })] } as const;
  const run = idle(playRunning(), 1 * SEC).at(2 * SEC, pr({ ...red, checks: [...red.checks] }));
  run.at(3 * SEC, pr(green)).at(20 * MIN, pr({ ...red, checks: [...red.checks] }));
  expect(told(run).filter((each) => each.includes("failing on main too"))).toHaveLength(2);
});

test("nothing needs you while a session is queued", () => {
  expect(play().at(0).record.attention).toBeNull();
});
