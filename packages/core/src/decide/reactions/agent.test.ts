import { activity, exited, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aPr, aWork, HEAD, HEAD2, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { resolveReactions } from "../../model/config-reactions.ts";

const MIN = 60_000;
const SEC = 1000;
const pr = (changes: Parameters<typeof aPr>[0] = {}): TestFact => ({ kind: "pr", snapshot: aPr(changes) });
const work = (ms: number, changes: Parameters<typeof aWork>[0] = {}): TestFact => ({
  kind: "work",
  work: aWork({ at: iso(ms), ...changes }),
});
const manual = { openPr: "manual" } as const;
const resting = (policy: Parameters<typeof playRunning>[0] = manual): Play =>
  playRunning(policy).at(1 * SEC, activity("ready", 1 * SEC));
const told = (run: Play) => run.did("notify").flatMap((each) => (each.kind === "notify" ? [each.notification] : []));
const green = { ci: "passing", review: "approved" } as const;
const unanswered: TestFact = { kind: "unanswered", question: "work", failure: { code: "FAILED", message: "?" } };

describe("agent-idle", () => {
  const left = (ms: number) => work(ms, { changedFiles: 2, commitsAhead: 1 });

  test("notifies the user after 5 idle minutes with work that is not handed in, with the agent's last words", () => {
    const run = resting().at(2 * SEC, left(2 * SEC), { kind: "agent-info", summary: "I am finished." });
    expect(told(run.until(5 * MIN))).toEqual([]);
    run.until(5 * MIN + 1 * SEC);
    expect(told(run)).toHaveLength(1);
    expect(told(run)[0]?.event).toMatchObject({ type: "session.idle", priority: "action" });
    expect(told(run)[0]?.event.message).toMatch(
      /2 uncommitted files and 1 commit without a pull request.*I am finished\./,
    );
    expect(told(run.until(60 * MIN))).toHaveLength(1);
  });

  test.each([
    ["nothing is left", (ms: number) => [work(ms)]],
    [
      "it said it is done",
      (ms: number) => [{ kind: "reported", state: "done", note: null } as TestFact, left(ms), pr()],
    ],
    ["the checkout could not be inspected", () => [unanswered]],
    ["its commits are on an open pull request", (ms: number) => [pr({ ci: "passing" }), work(ms, { commitsAhead: 1 })]],
    [
      "there is no remote, and its commits are on an open pull request",
      (ms: number) => [pr({ ci: "passing" }), work(ms, { commitsAhead: 1, unpushedCommits: 1 })],
    ],
  ] as const)("is silent when %s", (_, facts) => {
    const run = resting().at(2 * SEC, ...facts(2 * SEC));
    run.until(20 * MIN);
    expect(told(run).filter((each) => each.event.type === "session.idle")).toEqual([]);
  });

  test("is silent while a message is under way and while the agent works", () => {
    const send: TestFact = { kind: "wish-send", message: { id: "m1", text: "x", isUrgent: false } };
    const run = resting()
      .at(2 * SEC, left(2 * SEC))
      .at(4 * MIN, { kind: "wish-pause", isPaused: true }, send)
      .until(20 * MIN);
    expect(told(run)).toEqual([]);
    const busy = resting()
      .at(2 * SEC, left(2 * SEC))
      .at(4 * MIN, activity("active", 4 * MIN))
      .until(9 * MIN);
    expect(told(busy)).toEqual([]);
  });

  test("is silent about a session without a task", () => {
    const run = playRunning(manual, { task: { issue: null, prompt: null } }).at(1 * SEC, activity("ready", 1 * SEC));
    expect(told(run.at(2 * SEC, left(2 * SEC)).until(20 * MIN))).toEqual([]);
  });

  test("as a send to the agent is bounded: it does not start again with every turn", () => {
    const reactions = resolveReactions({ "agent-idle": { action: "send-to-agent", retries: 1 } });
    const run = resting({ ...manual, reactions }).at(2 * SEC, left(2 * SEC));
    for (let n = 1; n <= 6; n++) {
      const ms = n * 10 * MIN;
      run.until(ms);
      const open = run.record.messages.list.find((each) => each.settledAt === null);
      if (open !== undefined) run.at(ms, { kind: "message-accepted", id: open.id });
      run.at(ms + 1 * SEC, activity("active", ms + 1 * SEC)).at(ms + 5 * SEC, activity("ready", ms + 5 * SEC));
      run.at(ms + 6 * SEC, left(ms + 6 * SEC));
    }
    expect(run.record.messages.list).toHaveLength(2);
    expect(run.types().filter((type) => type === "reaction.escalated")).toHaveLength(1);
  });
});

describe("agent-stuck", () => {
  test("is told once for a silent turn, even if a line of output interrupts the silence", () => {
    const run = playRunning().until(10 * MIN);
    expect(told(run)).toMatchObject([{ event: { type: "session.stuck", priority: "urgent" } }]);
    run.at(11 * MIN, { kind: "output", launch: 1 });
    expect(run.record.status).toBe("working");
    run.until(30 * MIN);
    expect(run.record.status).toBe("stuck");
    expect(told(run)).toHaveLength(1);
  });

  test("takes its threshold from the config", () => {
    const run = playRunning({ reactions: resolveReactions({ "agent-stuck": { threshold: 60_000 } }) });
    expect(run.until(61 * SEC).record.status).toBe("stuck");
  });
});

describe("agent-needs-input", () => {
  test("is urgent, carries the question, and settles for 2 seconds", () => {
    const run = playRunning().at(5 * SEC, activity("waiting_input", 5 * SEC));
    expect(told(run)).toMatchObject([{ settleMs: 2000, whileStatus: ["needs_input"], event: { priority: "urgent" } }]);
    expect(told(run)[0]?.event.message).toContain("May I?");
  });

  test("tells two questions twice, and one question once", () => {
    const run = playRunning()
      .at(5 * SEC, activity("waiting_input", 5 * SEC))
      .at(6 * SEC, activity("waiting_input", 6 * SEC));
    expect(told(run)).toHaveLength(1);
    run.at(7 * SEC, activity("active", 7 * SEC)).at(8 * SEC, activity("waiting_input", 8 * SEC));
    expect(told(run)).toHaveLength(2);
  });
});

describe("agent-exited", () => {
  test("an unasked end is told once, urgently, with its status, whatever events it makes", () => {
    const run = playRunning().at(5 * SEC, exited(5 * SEC, 3));
    expect(run.types()).toEqual(expect.arrayContaining(["session.exited", "session.errored"]));
    expect(told(run)).toMatchObject([
      { event: { priority: "urgent", message: "app-1: the agent exited with status 3: bye" } },
    ]);
  });

  test("waits for the look at the checkout; an agent that left nothing behind is a result to look at, and no alarm", () => {
    const run = playRunning().at(5 * SEC, exited(5 * SEC, 0));
    expect(told(run)).toEqual([]);
    expect(told(run.at(6 * SEC, work(6 * SEC)))).toMatchObject([
      { event: { type: "attention.needed", priority: "action" } },
    ]);
    const left = playRunning()
      .at(5 * SEC, exited(5 * SEC, 0))
      .at(6 * SEC, work(6 * SEC, { changedFiles: 1 }));
    expect(told(left)).toMatchObject([{ event: { type: "session.exited", priority: "urgent" } }]);
  });

  test("is told when the runtime is gone, and not between the turns of a per-turn agent", () => {
    const lost = playRunning().at(5 * SEC, { kind: "runtime-lost", launch: 1, reason: "the tmux server is gone" });
    expect(told(lost)).toMatchObject([{ event: { priority: "urgent", message: "app-1: the tmux server is gone" } }]);
    const turn = playRunning({ agent: { lifetime: "per-turn", receipts: "never", canResume: true } }).at(
      5 * SEC,
      exited(5 * SEC, 0),
    );
    expect(told(turn)).toEqual([]);
  });

  test("a start that failed is told too", () => {
    const failure = { code: "UNAVAILABLE", message: "no such program: cladue" } as const;
    const run = playRunning()
      .at(1 * SEC, exited(1 * SEC, 0))
      .at(2 * SEC, { kind: "wish-restore" })
      .at(3 * SEC, { kind: "admitted" });
    run.at(4 * SEC, { kind: "start-failed", launch: 2, step: "agent", failure });
    expect(told(run).at(-1)?.event.message).toContain("cladue");
  });
});

describe("approved-and-green", () => {
  const auto = resolveReactions({ "approved-and-green": { auto: true, action: "auto-merge" } });

  test("by default tells the user once a head, with one notification for the event and the reaction", () => {
    const run = resting()
      .at(2 * SEC, pr(green))
      .at(3 * SEC, pr({ ...green, ci: "pending" }))
      .at(4 * SEC, pr(green));
    expect(told(run).filter((each) => each.cause.startsWith("ready:"))).toHaveLength(1);
    expect(run.did("merge")).toEqual([]);
  });

  test("with auto-merge merges exactly the head that was judged, once, and tells nobody to do it", () => {
    const run = resting({ ...manual, reactions: auto })
      .at(2 * SEC, pr(green))
      .at(3 * SEC, pr({ ...green, baseSha: null }));
    expect(run.did("merge")).toEqual([
      { kind: "merge", key: `merge:app-1:${HEAD}`, headSha: HEAD, method: null, isAuto: true },
    ]);
    expect(run.at(4 * SEC, { kind: "merged", headSha: HEAD }).record.ending).toMatchObject({
      status: "merged",
      by: "ao",
    });
    expect(told(run).filter((each) => each.cause.startsWith("merged:"))).toHaveLength(1);
  });

  test.each([
    ["guarded files are touched", {}, { touchesGuardedFiles: true }],
    ["nobody knows whether guarded files are touched", {}, { touchesGuardedFiles: undefined }],
    ["the scm cannot pin the head", { canMergePinned: false }, {}],
  ] as const)("with auto-merge only tells the human when %s", (_, policy, changes) => {
    const run = resting({ ...manual, reactions: auto, ...policy }).at(
      2 * SEC,
      pr({ ...green, ...(changes as object) }),
    );
    expect(run.did("merge")).toEqual([]);
    expect(told(run).some((each) => each.cause.startsWith("ready:"))).toBe(true);
  });

  test("with auto-merge is held while paused or while a human types", () => {
    const paused = resting({ ...manual, reactions: auto, isPaused: true }).at(2 * SEC, pr(green));
    expect([paused.did("merge"), paused.record.episodes["approved-and-green"]?.held]).toEqual([[], "paused"]);
    const typed = resting({ ...manual, reactions: auto })
      .at(2 * SEC, { kind: "human-input" })
      .at(3 * SEC, pr(green));
    expect(typed.did("merge")).toEqual([]);
    expect(typed.until(11 * MIN).did("merge")).toHaveLength(1);
  });

  test("with auto-merge that fails tells the user why and does not try that head again", () => {
    const run = resting({ ...manual, reactions: auto }).at(2 * SEC, pr(green));
    const failure = { code: "REFUSED", message: "the base moved" } as const;
    run.at(3 * SEC, { kind: "effect-failed", key: `merge:app-1:${HEAD}`, action: "merge", failure }).until(30 * MIN);
    expect(run.did("merge")).toHaveLength(1);
    expect(run.record.attention?.reason).toContain("the base moved");
    expect(told(run).some((each) => each.event.message.includes("the base moved"))).toBe(true);
  });

  test("with auto-merge that fails for a conflict leaves that to the agent, and merges what it makes of it", () => {
    const run = resting({ ...manual, reactions: auto }).at(2 * SEC, pr(green));
    const failure = { code: "REFUSED", message: "Pull Request is not mergeable" } as const;
    const blockers = ["it conflicts with main"];
    const readiness = { mergeable: false, ciPassing: true, approved: true, noConflicts: false, blockers };
    run.at(3 * SEC, { kind: "effect-failed", key: `merge:app-1:${HEAD}`, action: "merge", failure });
    run.at(4 * SEC, pr({ ...green, hasConflicts: true, readiness }));
    expect(run.record.attention).toBeNull();
    run.at(5 * SEC, { kind: "message-accepted", id: run.record.messages.list.at(-1)?.id ?? "" });
    run.at(6 * SEC, activity("active", 6 * SEC)).at(60 * SEC, activity("ready", 60 * SEC));
    run.at(70 * SEC, pr({ ...green, headSha: HEAD2 })).until(5 * MIN);
    expect(run.did("merge").map((each) => "headSha" in each && each.headSha)).toEqual([HEAD, HEAD2]);
    expect(told(run).filter(({ event }) => event.message.includes("not mergeable"))).toHaveLength(1);
  });
});

test("pr-closed tells the user once, unless the session has ended", () => {
  const run = resting()
    .at(2 * SEC, pr())
    .at(3 * SEC, pr({ state: "closed" }));
  expect(told(run)).toMatchObject([{ event: { type: "pr.closed", priority: "action" } }]);
  expect(run.record.attention).toMatchObject({ level: "action", hint: "ao kill app-1" });
});
