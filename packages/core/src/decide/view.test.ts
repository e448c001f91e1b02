import { activity, exited, play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aCheck, aPr, aReview, aWork, HEAD2, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { SessionView } from "../model/session-view.ts";
import { explain } from "./explain.ts";
import { groupOf, toSessionView } from "./view.ts";
import { wantsOf } from "./wants.ts";

const SEC = 1000;
const MIN = 60_000;
const pr = (changes: Parameters<typeof aPr>[0] = {}): TestFact => ({ kind: "pr", snapshot: aPr(changes) });
const resting = () => playRunning().at(1 * SEC, activity("ready", 1 * SEC));
const green = { ci: "passing", review: "approved" } as const;
const kill: TestFact = { kind: "wish-kill", remove: false, by: "user", reason: "ao kill" };

describe("the groups of status", () => {
  test.each([
    ["needs-you", "a question", () => playRunning().at(5, activity("waiting_input", 5)), "ao attach app-1"],
    [
      "needs-you",
      "the question that a one-run-per-turn agent ended its turn with",
      () =>
        playRunning({ agent: { lifetime: "per-turn", receipts: "always", canResume: true } })
          .at(2 * SEC, { kind: "reported", state: "needs_input", note: "which?" })
          .at(3 * SEC, exited(3 * SEC, 0)),
      'ao answer app-1 "…"',
    ],
    ["needs-you", "silence", () => playRunning().until(10 * MIN), "ao attach app-1"],
    ["needs-you", "an error", () => playRunning().at(5, exited(5, 1)), "ao restore app-1"],
    [
      "needs-you",
      "a lost runtime",
      () => playRunning().at(5, { kind: "runtime-lost", launch: 1, reason: "x" }),
      "ao restore app-1",
    ],
    [
      "needs-you",
      "an escalation",
      () =>
        resting()
          .at(2 * SEC, pr({ hasConflicts: true }))
          .until(20 * MIN),
      "ao attach app-1",
    ],
    ["ready-to-merge", "a mergeable head", () => resting().at(2 * SEC, pr(green)), "ao merge app-1"],
    ["working", "an agent that works", () => playRunning(), null],
    ["working", "a start", () => play().at(0, { kind: "admitted" }), null],
    [
      "needs-you",
      "a review that only this user can give",
      () => resting().at(2 * SEC, pr({ ci: "passing" })),
      "ao diff app-1, then ao review app-1 --approve",
    ],
    ["waiting", "an idle agent", () => resting(), 'ao diff app-1, or ao send app-1 "…"'],
    ["queued", "the queue", () => play().at(0), null],
    [
      "ended",
      "a kill by the user",
      () => playRunning().at(5, kill).at(6, { kind: "stopped", launch: 1 }),
      "ao restore app-1",
    ],
  ] as const)("%s: %s", (...[group, , life, next]) => {
    const run = life();
    const view = toSessionView(run.record, run.context);
    expect([view.group, view.next]).toEqual([group, next]);
    expect(groupOf(run.record)).toBe(group);
  });
});

test("commits that answer a review ask for another look", () => {
  const asked = { ci: "passing" as const, review: "changes_requested" as const, reviews: [aReview()] };
  const run = resting().at(2 * SEC, pr(asked));
  run
    .at(3 * SEC, { kind: "message-accepted", id: run.record.messages.list[0]?.id ?? "" })
    .at(4 * SEC, activity("active", 4 * SEC));
  expect(groupOf(run.record)).toBe("working");
  run.at(5 * SEC, pr({ ...asked, headSha: HEAD2 })).at(6 * SEC, activity("ready", 6 * SEC));
  expect(run.record.attention).toMatchObject({
    level: "action",
    hint: "ao diff app-1, then ao review app-1 --approve",
  });
});

test("attention keeps its time while its reason stays", () => {
  const run = playRunning().at(5 * SEC, activity("waiting_input", 5 * SEC));
  const since = run.record.attention?.since;
  expect(run.at(90 * SEC, { kind: "output", launch: 1 }).record.attention?.since).toBe(since);
  expect(run.at(95 * SEC, activity("active", 95 * SEC)).record.attention).toBeNull();
});

test("the view is valid, and null where nothing is known", () => {
  const queued = play().at(0);
  const view = SessionView.parse(toSessionView(queued.record, queued.context));
  expect(view).toMatchObject({
    id: "app-1",
    status: "queued",
    activity: null,
    pr: null,
    cost: null,
    workspacePath: null,
  });
  const open = resting().at(2 * SEC, pr({ hasConflicts: null, ci: "none" }));
  expect(SessionView.parse(toSessionView(open.record, open.context)).pr).toMatchObject({
    number: 7,
    ci: "pending",
    mergeable: null,
  });
});

test("explain has the facts with source and age, the rule, and what the reactions did and hold", () => {
  const red = pr({ ci: "failing", checks: [aCheck()] });
  const log: TestFact = { kind: "check-log", headSha: aPr().headSha, key: "test#1", log: "no" };
  const run = resting()
    .at(2 * SEC, red, log)
    .at(3 * SEC, { kind: "human-input" })
    .at(8 * SEC);
  const explained = explain(run.record, run.context);
  expect(explained).toMatchObject({ status: "ci_failed", rule: "ci-failing", because: "failing on aaaaaaa: test" });
  expect(explained.passed).toEqual(expect.arrayContaining(["ended", "question-open"]));
  const byName = Object.fromEntries(explained.facts.map((fact) => [fact.what, fact]));
  expect(byName.activity).toMatchObject({ value: "ready: ready", source: "hook", at: iso(1 * SEC), ageMs: 7 * SEC });
  expect(byName["pull request"]?.value).toContain("ci failing");
  expect(explained.reactions).toMatchObject([
    { key: "ci-failed", action: "send-to-agent", sends: 1, held: expect.stringContaining("hands off") },
  ]);
  expect(explained.messages).toMatchObject([{ id: "app-1-ci-failed-1", state: "writing" }]);
});

test("explain says how old the pull request's facts are, and when and why the scm is asked again", () => {
  const run = resting()
    .at(2 * SEC, pr({ ci: "pending" }))
    .at(60 * SEC);
  const look = { at: iso(55 * SEC), nextAt: iso(65 * SEC), because: "its checks have not finished" };
  const facts = explain(run.record, run.context, look).facts;
  expect(facts.find(({ what }) => what === "pull request")).toMatchObject({ at: iso(55 * SEC), ageMs: 5 * SEC });
  expect(facts.find(({ what }) => what === "next look at it")?.value).toBe(
    "in 5 s, because its checks have not finished",
  );
  const late = explain(run.record, run.context, { ...look, nextAt: iso(59 * SEC) }).facts;
  expect(late.find(({ what }) => what === "next look at it")?.value).toBe("now, because its checks have not finished");
});

describe("what decisions wait for", () => {
  test("a look at the checkout after a turn, an exit or a 'done', until it was answered or could not be", () => {
    expect(wantsOf(playRunning().record).work).toBe(false);
    const rested = resting();
    expect(wantsOf(rested.record).work).toBe(true);
    expect(wantsOf(rested.at(2 * SEC, { kind: "work", work: aWork({ at: iso(2 * SEC) }) }).record).work).toBe(false);
    expect(wantsOf(rested.at(3 * SEC, exited(3 * SEC, 0)).record).work).toBe(true);
    const failure = { code: "FAILED", message: "?" } as const;
    expect(wantsOf(rested.at(4 * SEC, { kind: "unanswered", question: "work", failure }).record).work).toBe(false);
  });

  test("the logs of this branch's own failing checks", () => {
    const checks = [aCheck(), aCheck({ name: "lint", attempt: 2 }), aCheck({ name: "old", failsOnBase: true })];
    const run = resting().at(2 * SEC, pr({ ci: "failing", checks }));
    expect(wantsOf(run.record).checkLogs.map((each) => each.key)).toEqual(["test#1", "lint#2"]);
    run.at(3 * SEC, { kind: "check-log", headSha: aPr().headSha, key: "test#1", log: null });
    expect(wantsOf(run.record).checkLogs.map((each) => each.key)).toEqual(["lint#2"]);
  });
});

test("explain shows the signals that the agent's plugin saw and did not follow, and what is open in it", () => {
  const overruled = [
    { source: "hook", state: "ready", at: iso(3_000), evidence: "Stop, with a message in the queue" },
  ] as const;
  const dialog = { id: "d1", kind: "permission", text: "Run\nit?", choices: ["Yes", "No"], takesText: false } as const;
  const told = { state: "waiting_input", since: iso(4_000), source: "protocol", evidence: "status file" } as const;
  const activity = { ...told, overruled: [...overruled], dialog: { ...dialog, choices: [...dialog.choices] } };
  const run = playRunning().at(5_000, { kind: "activity", launch: 1, activity, isWhole: true });
  const { facts } = explain(run.record, run.context);
  expect(facts.find(({ what }) => what === "overruled")).toEqual({
    what: "overruled",
    value: "ready: Stop, with a message in the queue",
    source: "hook",
    at: iso(3_000),
    ageMs: 2_000,
  });
  expect(facts.find(({ what }) => what === "open in it")?.value).toBe("permission d1: Run it?");
});
