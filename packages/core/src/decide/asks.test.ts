import { activity, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aComment, aPr, aReview, HEAD2, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";

const SEC = 1000;
const MIN = 60 * SEC;
const request = aReview({ submittedAt: iso(SEC) });
const inThread = (id: string, threadId: string, changes: Parameters<typeof aComment>[0] = {}) =>
  aComment({ id, threadId, createdAt: iso(SEC), ...changes });
const pr = (changes: Parameters<typeof aPr>[0]): TestFact => ({
  kind: "pr",
  snapshot: aPr({ review: "changes_requested", reviews: [request], ...changes }),
});
const ID = "app-1-changes-requested-1";
const two = [inThread("c1", "t1"), inThread("c2", "t2")];
const head2 = { headSha: HEAD2, headAt: iso(4 * SEC) };

/** The agent has been sent the two threads and has taken the message, at second 3. */
const asked = (policy: Parameters<typeof playRunning>[0] = {}, comments = two): Play =>
  playRunning({ replyOnFix: true, ...policy })
    .at(1 * SEC, activity("ready", 1 * SEC))
    .at(2 * SEC, pr({ comments }))
    .at(2 * SEC, { kind: "message-written", id: ID })
    .at(3 * SEC, { kind: "message-accepted", id: ID });
const turnOver = (run: Play, ms: number): Play =>
  run.at(ms - 1, activity("active", ms - 1)).at(ms, activity("ready", ms));
const replies = (run: Play) => run.did("reply").map((action) => ("commentId" in action ? action.commentId : ""));

describe("replyOnFix", () => {
  test("answers each thread once, when the turn after the message is over and brought commits", () => {
    const run = asked().at(4 * SEC, activity("active", 4 * SEC), pr({ ...head2, comments: two }));
    expect(replies(run)).toEqual([]);
    run.at(5 * SEC, activity("ready", 5 * SEC));
    expect(run.did("reply")).toMatchObject([
      { kind: "reply", key: `reply:app-1:7:${ID}:c1`, commentId: "c1", headSha: HEAD2 },
      { commentId: "c2" },
    ]);
    run.at(6 * SEC, { kind: "replied", commentId: "c1" }).at(7 * SEC, pr({ ...head2, comments: two, baseSha: HEAD2 }));
    const failure = { code: "REFUSED", message: "the conversation is locked" } as const;
    run.at(8 * SEC, { kind: "effect-failed", key: `reply:app-1:7:${ID}:c2`, action: "reply", failure });
    turnOver(run, 9 * SEC).until(20 * MIN);
    expect(replies(run)).toEqual(["c1", "c2"]);
    expect([run.record.pr.asks, run.record.notes.at(-1)]).toEqual([
      [],
      "Could not reply in a review thread: the conversation is locked",
    ]);
  });

  test("tries again what GitHub could not do, under the same key although there is a newer commit", () => {
    const run = turnOver(asked({}, [inThread("c1", "t1")]), 5 * SEC).at(6 * SEC, pr({ ...head2, comments: two }));
    const failure = { code: "UNREACHABLE", message: "GitHub answered 502" } as const;
    const key = `reply:app-1:7:${ID}:c1`;
    run.at(8 * SEC, { kind: "effect-failed", key, action: "reply", failure });
    run.at(9 * SEC, pr({ headSha: "e".repeat(40), headAt: iso(9 * SEC), comments: two }));
    expect(replies(run)).toEqual(["c1"]);
    run.until(38 * SEC);
    expect(run.did("reply").map((action) => action.key)).toEqual([key, key]);
    expect(run.did("reply")[1]).toMatchObject({ headSha: "e".repeat(40) });
  });

  test.each([
    ["the head is the one that was reviewed", {}],
    ["the commit is older than the message", { headSha: HEAD2, headAt: iso(1 * SEC) }],
  ])("says nothing while %s", (_, head) => {
    const run = turnOver(asked(), 5 * SEC).at(6 * SEC, pr({ ...head, comments: two, baseSha: HEAD2 }));
    expect(replies(run)).toEqual([]);
    expect(run.record.pr.asks).toHaveLength(2);
  });

  test("leaves alone what is resolved already, what is in no thread, and where somebody wrote more", () => {
    const general = aComment({ id: "c9", createdAt: iso(SEC) });
    const { path: _, ...inGeneral } = general;
    const run = asked({}, [...two, inThread("c3", "t3"), inGeneral as typeof general]);
    const more = inThread("c4", "t1", { author: "eve", isTrusted: false, createdAt: iso(4 * SEC) });
    turnOver(run, 5 * SEC).at(6 * SEC, pr({ ...head2, comments: [two[0] ?? general, more, inThread("c3", "t3")] }));
    expect(replies(run)).toEqual(["c3"]);
  });

  test("is off by default, and waits while the project is paused", () => {
    const off = turnOver(asked({ replyOnFix: false }), 5 * SEC).at(6 * SEC, pr({ ...head2, comments: two }));
    expect([replies(off), off.record.pr.asks]).toEqual([[], undefined]);
    const run = turnOver(asked(), 5 * SEC).at(6 * SEC, { kind: "wish-pause", isPaused: true });
    run.at(7 * SEC, pr({ ...head2, comments: two }));
    expect(replies(run)).toEqual([]);
    expect(replies(run.at(8 * SEC, { kind: "wish-pause", isPaused: false }))).toEqual(["c1", "c2"]);
  });

  test("forgets threads of a message that never reached the agent", () => {
    const run = playRunning({ replyOnFix: true })
      .at(1 * SEC, activity("ready", 1 * SEC))
      .at(2 * SEC, pr({ comments: two }));
    expect(run.record.pr.asks).toMatchObject([{ commentId: "c1", taken: null }, { commentId: "c2" }]);
    const failure = { code: "UNAVAILABLE", message: "no terminal" } as const;
    run.at(3 * SEC, { kind: "effect-failed", key: `deliver:${ID}`, action: "deliver", failure });
    expect(run.record.pr.asks).toEqual([]);
  });
});
