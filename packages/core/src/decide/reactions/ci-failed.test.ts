import { activity, exited, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aCheck, aPr, aWork, HEAD, HEAD2, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { resolveReactions } from "../../model/config-reactions.ts";

const MIN = 60_000;
const SEC = 1000;
const pr = (changes: Parameters<typeof aPr>[0] = {}): TestFact => ({ kind: "pr", snapshot: aPr(changes) });
const failing = (changes: Parameters<typeof aPr>[0] = {}): TestFact =>
  pr({ ci: "failing", checks: [aCheck()], ...changes });
const log = (text: string | null = "not ok 3", headSha = HEAD): TestFact => ({
  kind: "check-log",
  headSha,
  key: "test#1",
  log: text,
});
const work = (ms: number, headSha = HEAD): TestFact => ({
  kind: "work",
  work: aWork({ at: iso(ms), headSha, commitsAhead: 1 }),
});
const written = (id: string): TestFact => ({ kind: "message-written", id });
const accepted = (id: string): TestFact => ({ kind: "message-accepted", id });

/** Idle, with an open pull request whose check fails and whose log was read. */
const red = (policy: Parameters<typeof playRunning>[0] = {}): Play =>
  playRunning(policy)
    .at(1 * SEC, activity("ready", 1 * SEC))
    .at(2 * SEC, failing())
    .at(3 * SEC, log());
const sends = (run: Play): string[] =>
  run.record.messages.list.filter((each) => each.reaction === "ci-failed").map((each) => each.id);
const lastId = (run: Play): string => sends(run).at(-1) ?? "";
/** The message goes in, the agent works on it and stops. */
const turn = (run: Play, ms: number): Play =>
  run
    .at(ms, accepted(lastId(run)))
    .at(ms + 1 * SEC, activity("active", ms + 1 * SEC))
    .at(ms + 9 * SEC, activity("ready", ms + 9 * SEC));

describe("ci-failed", () => {
  test("waits for the log, then sends the failing checks with the log quoted, and says so", () => {
    const run = playRunning()
      .at(1 * SEC, activity("ready", 1 * SEC))
      .at(2 * SEC, failing());
    expect(run.did("deliver")).toEqual([]);
    run.at(3 * SEC, log("ok 1\n\u001b[31mnot ok 2\u001b[0m $(rm -rf /)"));
    expect(run.did("deliver")).toEqual([
      { kind: "deliver", key: "deliver:app-1-ci-failed-1", messageId: "app-1-ci-failed-1" },
    ]);
    const text = run.record.messages.list[0]?.text ?? "";
    expect(text).toContain("#7, commit aaaaaaa: 1 required check failing: test");
    expect(text).toContain("> ok 1\n> not ok 2 $(rm -rf /)");
    run.at(4 * SEC, accepted(lastId(run)));
    expect(run.types()).toEqual(expect.arrayContaining(["ci.failing", "reaction.triggered", "ci.fix_sent"]));
  });

  test("sends without the log when it cannot be had, and when it does not come in 30 seconds", () => {
    const told = playRunning()
      .at(1 * SEC, activity("ready", 1 * SEC))
      .at(2 * SEC, failing())
      .at(3 * SEC, log(null));
    expect(told.record.messages.list[0]?.text).toContain("could not be read");
    const silent = playRunning()
      .at(1 * SEC, activity("ready", 1 * SEC))
      .at(2 * SEC, failing())
      .until(31 * SEC);
    expect(sends(silent)).toEqual([]);
    expect(sends(silent.until(33 * SEC))).toHaveLength(1);
  });

  test("sends the same failure once, however often it is seen", () => {
    const run = red()
      .at(4 * SEC, failing())
      .at(5 * SEC, failing({ baseSha: null }))
      .at(6 * SEC);
    expect(sends(run)).toHaveLength(1);
  });

  test("sends again for a new head and for another attempt of the check", () => {
    const run = turn(red(), 4 * SEC).at(20 * SEC, pr({ headSha: HEAD2 }));
    run
      .at(30 * SEC, failing({ headSha: HEAD2 }))
      .at(31 * SEC, log("x", HEAD2))
      .until(70 * SEC);
    expect(sends(run)).toHaveLength(2);
    expect(run.types()).toContain("ci.fix_failed");
    turn(run, 80 * SEC).at(100 * SEC, failing({ headSha: HEAD2, checks: [aCheck({ attempt: 2 })] }));
    run.at(101 * SEC, { kind: "check-log", headSha: HEAD2, key: "test#2", log: "y" }).until(140 * SEC);
    expect(sends(run)).toHaveLength(3);
  });

  test("sends the same failure again when a turn ended and left it, once the checkout was looked at", () => {
    const run = turn(red(), 4 * SEC).until(70 * SEC);
    expect(sends(run)).toHaveLength(1);
    run.at(71 * SEC, work(71 * SEC));
    expect(sends(run)).toHaveLength(2);
  });

  test("waits with every message after the first until the last one went in a minute ago", () => {
    const run = turn(red(), 4 * SEC).at(14 * SEC, work(14 * SEC));
    expect(sends(run.until(64 * SEC - 1))).toHaveLength(1);
    expect(sends(run.until(64 * SEC))).toHaveLength(2);
    expect(run.types().filter((type) => type === "ci.fix_failed")).toHaveLength(1);
  });

  test("does not take commits that are on their way for a turn that did nothing", () => {
    const run = turn(red(), 4 * SEC).at(14 * SEC, work(14 * SEC, HEAD2));
    expect(sends(run)).toHaveLength(1);
    run.at(15 * SEC, pr({ headSha: HEAD2 }));
    run.until(10 * MIN);
    expect(sends(run)).toHaveLength(1);
  });

  test("escalates once, when three sends are used up and the next turn has ended too", () => {
    let run = red();
    for (const s of [10, 80, 150]) run = turn(run.until(s * SEC), s * SEC).at((s + 10) * SEC, work((s + 10) * SEC));
    expect(sends(run)).toHaveLength(3);
    expect(run.types().filter((type) => type === "reaction.escalated")).toHaveLength(1);
    expect(run.record.attention).toMatchObject({ level: "urgent" });
    run
      .at(180 * SEC, activity("active", 180 * SEC))
      .at(190 * SEC, activity("ready", 190 * SEC))
      .at(191 * SEC, work(191 * SEC));
    run
      .at(230 * SEC, failing({ headSha: HEAD2 }))
      .at(231 * SEC, log("z", HEAD2))
      .until(60 * MIN);
    expect(sends(run)).toHaveLength(3);
    expect(run.types().filter((type) => type === "reaction.escalated")).toHaveLength(1);
    expect(run.did("notify").filter((each) => each.key.includes("escalated"))).toHaveLength(1);
  });

  test("a number for escalateAfter is that many sends", () => {
    const reactions = resolveReactions({ "ci-failed": { escalateAfter: 1 } });
    const run = turn(red({ reactions }), 4 * SEC).at(14 * SEC, work(14 * SEC));
    expect(sends(run)).toHaveLength(1);
    expect(run.types()).toContain("reaction.escalated");
  });

  test("ends its episode when the checks pass, not while they are pending", () => {
    const run = turn(red(), 4 * SEC).at(15 * SEC, pr({ headSha: HEAD2 }));
    expect(run.record.episodes["ci-failed"]).toMatchObject({ sends: 1 });
    run.at(20 * SEC, pr({ headSha: HEAD2, ci: "passing" }));
    expect(run.record.episodes["ci-failed"]).toBeUndefined();
    run.at(20 * MIN, failing({ headSha: HEAD2, checks: [aCheck({ attempt: 3 })] })).until(21 * MIN);
    expect(run.record.episodes["ci-failed"]).toMatchObject({ sends: 1 });
  });

  test("that come back at once, or within the turn in which they passed, count as the same failure", () => {
    const run = turn(red(), 4 * SEC)
      .at(20 * SEC, pr({ headSha: HEAD2, ci: "passing" }))
      .at(30 * SEC, failing({ headSha: HEAD2, checks: [aCheck({ attempt: 3 })] }))
      .until(70 * SEC);
    expect(run.record.episodes["ci-failed"]).toMatchObject({ sends: 2, fingerprint: `${HEAD2}:test#3` });
  });

  test("are sent anew once the user has told the agent something in between", () => {
    const run = turn(red(), 4 * SEC)
      .at(20 * SEC, pr({ headSha: HEAD2, ci: "passing" }))
      .at(25 * SEC, { kind: "wish-send", message: { id: "m1", text: "and now this", isUrgent: false } })
      .at(26 * SEC, accepted("m1"))
      .at(27 * SEC, activity("ready", 27 * SEC))
      .at(30 * SEC, failing({ headSha: HEAD2, checks: [aCheck({ attempt: 3 })] }))
      .until(70 * SEC);
    expect(run.record.episodes["ci-failed"]).toMatchObject({ sends: 1 });
  });

  test("takes a waiting message back when the checks pass or the head moves on", () => {
    const busy = playRunning()
      .at(2 * SEC, failing())
      .at(3 * SEC, log());
    expect(busy.record.messages.list[0]).toMatchObject({ state: "held", heldFor: "busy" });
    busy.at(4 * SEC, pr({ headSha: HEAD2 }));
    expect(busy.record.messages.list[0]).toMatchObject({ state: "withdrawn" });
    expect(busy.record.episodes["ci-failed"]).toMatchObject({ sends: 0 });
    busy
      .at(5 * SEC, failing({ headSha: HEAD2 }))
      .at(6 * SEC, log("x", HEAD2))
      .at(7 * SEC, activity("ready", 7 * SEC));
    expect(busy.did("deliver")).toHaveLength(1);
  });

  test("is never sent when the check fails on the base too: one notice for the repository", () => {
    const run = playRunning().at(1 * SEC, activity("ready", 1 * SEC));
    run.at(2 * SEC, failing({ checks: [aCheck({ failsOnBase: true })] })).at(9 * SEC);
    expect(sends(run)).toEqual([]);
    const [notice, ...others] = run.did("notify");
    expect(others).toEqual([]);
    expect(notice).toMatchObject({ key: "notify:repository:0123456789ab-my-app:failing:test" });
  });

  test.each([
    [
      "a missing program",
      { name: "test", problem: "python: not found (exit 127)" },
      "test: python: not found (exit 127)",
    ],
    [
      "a set-up that failed",
      { name: "ci", problem: "CI could not be set up: npm ci: exit 1" },
      "ci: CI could not be set up: npm ci: exit 1",
    ],
  ])("is never sent when CI cannot run for %s: the human is told once, with the reason", (_what, changes, reason) => {
    const checks = [aCheck({ status: "pending", ...changes })];
    const run = playRunning().at(1 * SEC, activity("ready", 1 * SEC));
    run.at(2 * SEC, pr({ ci: "pending", checks })).until(3 * 60 * MIN);
    run.at(200 * MIN, pr({ ci: "pending", checks, headSha: HEAD2 })).until(300 * MIN);
    expect(sends(run)).toEqual([]);
    expect(run.types()).not.toContain("ci.failing");
    expect(run.did("notify")).toMatchObject([
      {
        key: `notify:repository:0123456789ab-my-app:cannot-run:${reason}`,
        notification: { event: { type: "ci.blocked", message: expect.stringContaining(`CI cannot run (${reason})`) } },
      },
    ]);
    expect(run.record.attention).toMatchObject({
      level: "action",
      reason: `CI cannot run (${reason})`,
      hint: `ao checks ${run.record.id} --log`,
    });
    run.at(301 * MIN, pr({ ci: "passing", checks: [aCheck({ status: "passed" })], headSha: HEAD2 }));
    expect(run.record.episodes["ci-failed"]).toBeUndefined();
  });

  test("sends what really fails while another check cannot run", () => {
    const checks = [aCheck(), aCheck({ name: "lint", status: "pending", problem: "npx: not found" })];
    const run = playRunning()
      .at(1 * SEC, activity("ready", 1 * SEC))
      .at(2 * SEC, failing({ checks }))
      .at(3 * SEC, log());
    const text = run.record.messages.list[0]?.text ?? "";
    expect(text).toContain("1 required check failing: test.");
    expect(text).not.toContain("npx");
  });

  test("leaves checks out that are not required or fail on the base", () => {
    const checks = [aCheck(), aCheck({ name: "lint", failsOnBase: true }), aCheck({ name: "nice", isRequired: false })];
    const run = playRunning()
      .at(1 * SEC, activity("ready", 1 * SEC))
      .at(2 * SEC, failing({ checks }))
      .at(3 * SEC, log());
    const text = run.record.messages.list[0]?.text ?? "";
    expect(text).toContain("1 required check failing: test.");
    expect(text).toContain("they fail on main too: lint");
    expect(text).not.toContain("nice");
  });

  test("puts the message of the config first", () => {
    const run = red({ reactions: resolveReactions({ "ci-failed": { message: "Mend CI now." } }) });
    expect(run.record.messages.list[0]?.text.startsWith("Mend CI now.\n\nCI failed on")).toBe(true);
  });

  test("restores an interactive agent that exited by itself, and delivers then", () => {
    const run = playRunning()
      .at(1 * SEC, pr())
      .at(2 * SEC, exited(2 * SEC, 0))
      .at(3 * SEC, failing())
      .at(4 * SEC, log());
    expect(run.did("start").at(-1)).toMatchObject({ mode: "restore", launch: 2 });
    expect(run.record.messages.list[0]).toMatchObject({ state: "held", heldFor: "restoring" });
  });

  test("becomes a notification for a session that was killed", () => {
    const run = playRunning()
      .at(1 * SEC, pr())
      .at(2 * SEC, { kind: "wish-kill", remove: false, by: "user", reason: "x" });
    run
      .at(3 * SEC, { kind: "stopped", launch: 1 })
      .at(4 * SEC, failing())
      .at(5 * SEC, log());
    expect(sends(run)).toEqual([]);
    expect(run.did("notify")).toMatchObject([{ notification: { event: { type: "ci.failing", priority: "action" } } }]);
  });

  test("becomes a notification when its message could not be written, and is told once", () => {
    const run = red().at(4 * SEC, {
      kind: "message-failed",
      id: "app-1-ci-failed-1",
      failure: { code: "UNAVAILABLE", message: "gone" },
    });
    run.at(5 * SEC).at(6 * SEC, failing({ baseSha: null }));
    expect(run.types().filter((type) => type === "reaction.escalated")).toHaveLength(1);
    expect(sends(run)).toHaveLength(1);
  });

  test("with auto: false only tells the user", () => {
    const run = red({ reactions: resolveReactions({ "ci-failed": { auto: false } }) });
    expect(sends(run)).toEqual([]);
    expect(run.did("notify")).toHaveLength(1);
  });

  test("written is enough for an agent that gives no receipts", () => {
    const run = red({ agent: { lifetime: "interactive", receipts: "never", canResume: true } }).at(
      4 * SEC,
      written("app-1-ci-failed-1"),
    );
    expect(run.record.messages.list[0]).toMatchObject({ state: "unconfirmed" });
    expect(run.types()).toContain("ci.fix_sent");
  });
});
