import { activity, type Play, play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aCheck, aPr, HEAD, iso, someLimits } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { refuseAtLimit } from "../model/limit-cut.ts";
import type { Policy } from "../model/policy.ts";
import { explain } from "./explain.ts";
import { groupOf } from "./view.ts";

const SEC = 1000;
const MIN = 60_000;

const used = (usd: number | null, input = 1): TestFact => ({
  kind: "usage",
  usage: { key: "c", models: [{ model: "m", usd, tokens: { input, output: 0, cacheRead: 9_999_999, cacheWrite: 0 } }] },
});
const ten = someLimits({ usd: { session: 10 } });
const active = (ms: number) => activity("active", ms);
const working = (policy: Partial<Policy> = {}): Play => playRunning(policy).at(1, active(1));
const limited = (policy: Partial<Policy> = {}): Play => working({ limits: ten, ...policy }).at(2 * SEC, used(10));
const told = (run: Play) =>
  run.did("notify").flatMap((action) => (action.kind === "notify" ? [action.notification] : []));
const lines = (run: Play) => told(run).map(({ event }) => event.message);
const grant: TestFact = { kind: "wish-grant" };
const send: TestFact = { kind: "wish-send", message: { id: "m1", text: "and?", isUrgent: true } };

describe("a limit of a session", () => {
  test.each<[string, Partial<Policy>, TestFact[], string[]]>([
    ["nothing at 79 %", { limits: ten }, [used(7.99)], []],
    ["a warning at 80 %", { limits: ten }, [used(8)], ["limit.warning"]],
    ["one warning", { limits: ten }, [used(8), used(8.5), used(9.9)], ["limit.warning"]],
    ["a warning, then the end", { limits: ten }, [used(8), used(10)], ["limit.warning", "limit.reached"]],
    ["the end at once", { limits: ten }, [used(11)], ["limit.reached"]],
    ["the end once", { limits: ten }, [used(11), used(12)], ["limit.reached"]],
    ["tokens too", { limits: someLimits({ tokens: { session: 100 } }) }, [used(null, 100)], ["limit.reached"]],
    ["no tokens read from a cache", { limits: someLimits({ tokens: { session: 100 } }) }, [used(null, 1)], []],
    ["no dollars that nobody knows", { limits: ten }, [used(null, 9_000_000)], []],
    [
      "dollars of the price table",
      { limits: ten, prices: { m: { input: 10, output: 0, cacheRead: 0 } } },
      [used(null, 1_000_000)],
      ["limit.reached"],
    ],
    ["without limits: nothing below 20 USD", {}, [used(19.99)], []],
    ["without limits: one notice at 20 USD", {}, [used(20), used(40)], ["limit.warning"]],
    ["without limits: one notice at 10 M tokens", {}, [used(null, 10_000_000), used(21)], ["limit.warning"]],
    ["its own limit: no such notice", { limits: someLimits({ usd: { session: 50 } }) }, [used(30)], []],
    [
      "a limit of a day only: that notice too",
      { limits: someLimits({ usd: { day: 500 } }) },
      [used(30)],
      ["limit.warning"],
    ],
  ])("gives %s", (...[, policy, facts, expected]) => {
    const run = working(policy);
    for (const [index, fact] of facts.entries()) run.at((2 + index) * SEC, fact);
    expect(run.types().filter((type) => type.startsWith("limit."))).toEqual(expected);
    expect(told(run).map(({ event }) => event.type)).toEqual(expected);
  });

  test("pauses: nothing goes in, the agent is interrupted, the user asked, and nothing is killed", () => {
    const run = limited().at(3 * SEC, send);
    expect(run.did("interrupt")).toMatchObject([{ isGentle: true }]);
    expect(run.record.messages.list).toMatchObject([{ state: "held", heldFor: "paused" }]);
    expect([run.did("deliver"), run.did("stop")]).toEqual([[], []]);
    expect(run.record.attention).toMatchObject({ level: "urgent", hint: "ao resume app-1" });
    expect(run.record.attention?.reason).toBe("paused: its limit of $10.00 is reached");
    expect(groupOf(run.record)).toBe("needs-you");
    expect(explain(run.record, run.context).facts.map(({ what, value }) => `${what}: ${value}`)).toEqual(
      expect.arrayContaining([
        "used: $10.00 · 1 tokens",
        "limits.maxCostUsd.session: $10.00 of $10.00",
        "paused: its limit of $10.00 is reached",
      ]),
    );
    expect(lines(run)).toEqual([
      "app-1 is paused: $10.00 of $10.00 used. Raise limits.maxCostUsd.session, or `ao resume app-1`",
    ]);
  });

  test("an idle agent is not interrupted, and is told nothing when it may continue", () => {
    const run = working({ limits: ten })
      .at(SEC, activity("ready", SEC))
      .at(2 * SEC, used(10))
      .at(3 * SEC, grant);
    expect(run.did("interrupt")).toEqual([]);
    expect(run.record.messages.list).toEqual([]);
  });

  test("a dialog that is open is not answered before it may go on, and nobody tells it to go on that was not interrupted", () => {
    const dialog = { id: "d1", kind: "permission" as const, text: "May I?", choices: ["Yes", "No"], takesText: false };
    const asks = (ms: number): TestFact => {
      const fact = activity("waiting_input", ms);
      return fact.kind === "activity" ? { ...fact, activity: { ...fact.activity, dialog } } : fact;
    };
    const run = working({ limits: ten })
      .at(SEC, asks(SEC))
      .at(2 * SEC, used(10));
    expect(run.record).toMatchObject({ status: "needs_input", limits: { hold: { wasCut: false } } });
    expect(run.record.attention).toMatchObject({
      reason: "paused: its limit of $10.00 is reached; asks: May I? [1 Yes · 2 No]",
      hint: "ao resume app-1",
    });
    expect(() => refuseAtLimit(run.record)).toThrow("app-1 cannot be answered now: its limit of $10.00 is reached");
    run.at(3 * SEC, grant);
    expect(() => refuseAtLimit(run.record)).not.toThrow();
    expect(run.record.attention).toMatchObject({ hint: "ao answer app-1" });
    run.at(4 * SEC, { kind: "answered", wishId: "w1", dialogId: "d1", choice: "Yes" }).until(10 * SEC);
    expect([run.did("interrupt"), run.record.messages.list]).toEqual([[], []]);
    // Its interrupt came to nothing: the dialog is open, and its answer lets it go on.
    const late = limited()
      .at(3 * SEC, asks(3 * SEC))
      .at(4 * SEC, grant);
    expect(late.did("interrupt")).toHaveLength(1);
    expect(late.record.messages.list).toEqual([]);
  });

  test("what the user has taken over can be answered, and what no interrupt stops", () => {
    const taken = limited().at(3 * SEC, { kind: "human-input" });
    expect(() => refuseAtLimit(limited().record)).toThrow();
    expect(() => refuseAtLimit(taken.record)).not.toThrow();
    expect(() => refuseAtLimit(limited().until(10 * MIN).record)).not.toThrow();
  });

  test("an interrupt that changed nothing is tried three times", () => {
    const run = limited().until(10 * MIN);
    expect(run.did("interrupt")).toHaveLength(3);
    expect(run.record.notes.join()).toContain("did not stop when it was interrupted");
  });

  test("each turn that begins in spite of it is interrupted", () => {
    const run = limited();
    for (let turn = 1; turn <= 5; turn++) {
      run.at(turn * MIN, activity("ready", turn * MIN)).at(turn * MIN + SEC, active(turn * MIN + SEC));
    }
    expect(run.did("interrupt")).toHaveLength(6);
  });

  test("what the user goes on with in the terminal is not interrupted", () => {
    const run = limited()
      .at(3 * SEC, activity("ready", 3 * SEC))
      .at(4 * SEC, { kind: "human-input" });
    run.at(60 * SEC, active(60 * SEC)).until(5 * MIN);
    expect(run.did("interrupt")).toHaveLength(1);
  });

  test("agent-idle and agent-stuck are quiet, and a reaction waits, visibly", () => {
    const run = limited().at(3 * SEC, activity("ready", 3 * SEC));
    run.at(4 * SEC, { kind: "pr", snapshot: aPr({ ci: "failing", checks: [aCheck()] }) });
    run.at(5 * SEC, { kind: "check-log", headSha: HEAD, key: "test#1", log: "no" }).until(30 * MIN);
    expect(run.record.episodes["agent-idle"]).toBeUndefined();
    expect(run.record.episodes["ci-failed"]?.held).toBe("paused: its limit of $10.00 is reached");
    expect(run.record.messages.list).toEqual([]);
  });

  test("`ao resume` lets it use a quarter more, and it is told to go on", () => {
    const run = limited()
      .at(3 * SEC, activity("ready", 3 * SEC))
      .at(4 * SEC, grant);
    expect(run.record.limits.hold).toBeNull();
    expect(run.record.limits.granted).toEqual({ "session:usd": 12.5 });
    expect(run.record.messages.list).toMatchObject([{ origin: "system", text: expect.stringContaining("Go on") }]);
    expect(run.did("deliver")).toHaveLength(1);
    run.at(5 * SEC, active(5 * SEC), used(12)).at(6 * SEC, used(12.5));
    expect(run.types().filter((type) => type.startsWith("limit."))).toEqual([
      "limit.reached",
      "limit.lifted",
      "limit.reached",
    ]);
    expect(lines(run).at(-1)).toContain("$12.50 of $12.50");
  });

  test("a limit that is raised lets it go on", () => {
    const run = limited().at(3 * SEC, send);
    run.context = { ...run.context, policy: { ...run.context.policy, limits: someLimits({ usd: { session: 20 } }) } };
    expect(run.at(4 * SEC).record.limits.hold).toBeNull();
    expect(run.record.messages.list[0]?.state).toBe("writing");
  });

  test("nothing is said twice after a restart, however much was told meanwhile", () => {
    const run = limited();
    const again = playRunning({ limits: ten }, { ...run.record, told: [] }).at(3 * SEC, used(11));
    expect(again.types().filter((type) => type.startsWith("limit."))).toEqual([]);
  });

  test("a session that ended is not held", () => {
    const run = limited().at(3 * SEC, { kind: "wish-kill", remove: false, by: "user", reason: "enough" });
    run.at(4 * SEC, { kind: "stopped", launch: 1 });
    expect(run.record).toMatchObject({ status: "killed", limits: { hold: null } });
    expect(run.record.messages.list).toEqual([]);
  });
});

describe("maxReactionsPerSession", () => {
  const red = (headSha: string): TestFact => ({
    kind: "pr",
    snapshot: aPr({ headSha, ci: "failing", checks: [aCheck()] }),
  });
  const log = (headSha: string): TestFact => ({ kind: "check-log", headSha, key: "test#1", log: "no" });
  const heads = ["a", "b", "d"].map((letter) => letter.repeat(40));

  test("counts what reactions send, then the user is asked instead", () => {
    const run = playRunning({ limits: someLimits({ reactions: 1 }) }).at(1, activity("ready", 1));
    for (const [at, head] of heads.entries()) {
      const ms = (at + 1) * MIN;
      run.at(ms, red(head)).at(ms + 1, log(head));
      const { id } = run.record.messages.list.at(-1) ?? { id: "" };
      run
        .at(ms + 2, { kind: "message-accepted", id }, activity("active", ms + 2))
        .at(ms + 3, activity("ready", ms + 3));
    }
    expect(run.record.messages.reactionSends).toBe(1);
    expect(run.record.messages.list.filter(({ origin }) => origin === "reaction")).toHaveLength(1);
    const escalated = run.events.filter(({ type }) => type === "reaction.escalated");
    expect(escalated).toHaveLength(1);
    expect(escalated[0]?.message).toContain("limits.maxReactionsPerSession");
  });

  test("0 sends nothing", () => {
    const run = playRunning({ limits: someLimits({ reactions: 0 }) }).at(1, activity("ready", 1));
    run.at(MIN, red(HEAD)).at(MIN + 1, log(HEAD));
    expect(run.record.messages.list).toEqual([]);
    expect(run.types()).toContain("reaction.escalated");
  });

  test("a message that was taken back does not count", () => {
    const run = playRunning({ limits: someLimits({ reactions: 1 }) }).at(1, active(1));
    run.at(MIN, red(HEAD)).at(MIN + 1, log(HEAD));
    expect(run.record.messages.reactionSends).toBe(1);
    run.at(MIN + 2, { kind: "pr", snapshot: aPr({ ci: "passing" }) });
    expect(run.record.messages.reactionSends).toBe(0);
  });
});

test("a session whose limit is reached waits in the queue when it is restored", () => {
  const run = play({ limits: ten }, { phase: "queued", usage: { reports: [{ id: "c", models: [] }] } });
  run.at(1, used(10));
  expect(run.record.limits.hold).toMatchObject({ ids: ["session:usd"], since: iso(1) });
  expect([groupOf(run.record), run.record.attention]).toEqual(["queued", null]);
});
