import { activity, playRunning } from "@agent-orchestrator/testkit/play";
import { aPolicy, aPr, HEAD, HEAD2, iso, T0 } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import { resolveReactions } from "../model/config-reactions.ts";
import type { SessionFact } from "../model/fact.ts";
import type { Policy } from "../model/policy.ts";
import type { PRSnapshot } from "../model/pull-request.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { emptyState } from "../store/fold.ts";
import { planStep } from "./step.ts";

const SEC = 1_000;
const MIN = 60_000;
type Change = Partial<PRSnapshot> & { base?: string };

/** Idle sessions `app-1`, `app-2`, … with approved pull requests 1, 2, … into `main`, in an engine without a world. */
function sessions(count: number, policy: (id: string) => Partial<Policy> = () => ({})) {
  const ids = Array.from({ length: count }, (_, at) => `app-${at + 1}`);
  const idle = ids.map((id) => playRunning({}, { id }).at(1 * SEC, activity("ready", 1 * SEC)).record);
  let state: State = { ...emptyState(), sessions: Object.fromEntries(idle.map((record) => [record.id, record])) };
  let due = new Map<string, number>();
  let ms = 2 * SEC;
  const step = (facts: Map<string, SessionFact[]>, woken: string[]) => {
    const limits = () => ({ max: 99, perInstance: {}, perProject: {} });
    const context = {
      nowMs: T0 + ms,
      policy: ({ id }: SessionRecord) => aPolicy(policy(id)),
      watchedSince: () => T0,
      limits,
    };
    const plan = planStep(state, { facts, done: new Set(Object.keys(state.intents)), due: new Set(woken) }, context);
    expect(plan.bugs).toEqual([]);
    state = plan.next;
    for (const [id, at] of plan.wakeAt) due = new Map([...due, [id, at ?? Infinity]]);
  };
  const self = {
    tell(id: string, ...facts: Record<string, unknown>[]) {
      const timed = facts.map((fact) => ({ ...fact, at: iso(ms) }) as unknown as SessionFact);
      step(new Map([[id, timed]]), []);
      return self;
    },
    /** Its pull request as the scm sees it now. */
    pr(id: string, { base = "main", ...changes }: Change) {
      const number = Number(id.slice(4));
      const info = { ...aPr().info, number, branch: `feat/${id}`, baseBranch: base };
      const snapshot = aPr({ info, ci: "passing", review: "approved", ...changes });
      return self.tell(id, { kind: "pr", snapshot });
    },
    conflict: (...which: string[]) => which.reduce((all, id) => all.pr(id, { hasConflicts: true }), self),
    pass(more: number) {
      for (const end = ms + more; ; ) {
        const next = Math.min(...[...due.values()].filter((at) => at > T0 + ms)) - T0;
        if (next > end) {
          ms = end;
          step(new Map(), ids);
          return self;
        }
        ms = next;
        step(
          new Map(),
          [...due].filter(([, at]) => at <= T0 + ms).map(([id]) => id),
        );
      }
    },
    record: (id: string): SessionRecord => state.sessions[id] as SessionRecord,
    /** The agent takes its message, works, and solves it. */
    solve(id: string) {
      const message = self.record(id).messages.list.at(-1)?.id ?? "";
      self.tell(id, { kind: "message-accepted", id: message }).tell(id, activity("active", ms));
      self.pass(1 * MIN).pr(id, { headSha: HEAD2, hasConflicts: false });
      return self.tell(id, activity("ready", ms));
    },
    /** Who has been asked to merge the base. */
    asked: () =>
      ids.filter((id) => self.record(id).messages.list.some(({ reaction }) => reaction === "merge-conflicts")),
    held: (id: string) => self.record(id).episodes["merge-conflicts"]?.held ?? null,
  };
  for (const id of ids) self.pr(id, {});
  return self;
}

describe("pull requests that conflict with their base", () => {
  test("are solved one after the other, in the order in which they merge, whatever the order in which they are seen", () => {
    const world = sessions(3)
      .conflict("app-3", "app-2", "app-1")
      .pass(1 * MIN);
    expect(world.asked()).toEqual(["app-1"]);
    expect([world.held("app-2"), world.held("app-3")]).toEqual([
      "waits for app-1, which is to merge first",
      "waits for app-1, which is to merge first",
    ]);
    world.solve("app-1").pass(5 * MIN);
    expect(world.asked()).toEqual(["app-1"]);
    world.pr("app-1", { state: "merged", headSha: HEAD2 }).pass(1 * MIN);
    expect(world.asked()).toEqual(["app-1", "app-2"]);
    expect(world.held("app-3")).toBe("waits for app-2, which is to merge first");
    world
      .solve("app-2")
      .pr("app-2", { state: "merged", headSha: HEAD2 })
      .pass(1 * MIN);
    expect(world.asked()).toEqual(["app-1", "app-2", "app-3"]);
  });

  test("that are ready but for the conflict come before those that need more", () => {
    const world = sessions(3).pr("app-1", { hasConflicts: true, ci: "failing" });
    world
      .pr("app-2", { hasConflicts: true, review: "pending" })
      .conflict("app-3")
      .pass(1 * MIN);
    expect(world.asked()).toEqual(["app-3"]);
  });

  test("wait for nobody with another base, or who is up to date, and for none that gave up, ended or is paused", () => {
    expect(sessions(2).pr("app-1", { hasConflicts: true, base: "next" }).conflict("app-2").pass(MIN).asked()).toEqual([
      "app-1",
      "app-2",
    ]);
    expect(sessions(2).conflict("app-2").pass(MIN).asked()).toEqual(["app-2"]);
    const paused = sessions(2).tell("app-1", { kind: "wish-pause", isPaused: true }).conflict("app-1", "app-2");
    expect(paused.pass(MIN).asked()).toEqual(["app-2"]);
    const closed = sessions(2).conflict("app-1", "app-2").pass(MIN).pr("app-1", { state: "closed" });
    expect(closed.pass(MIN).asked()).toEqual(["app-1", "app-2"]);
    const stuck = sessions(2)
      .conflict("app-1", "app-2")
      .pass(14 * MIN);
    expect(stuck.asked()).toEqual(["app-1"]);
    // The first has escalated after 15 minutes.
    expect(stuck.pass(3 * MIN).asked()).toEqual(["app-1", "app-2"]);
  });

  test("wait for none whose agent takes no messages, and for none for ever that was asked", () => {
    const agent = { lifetime: "per-turn", receipts: "never", canResume: false } as const;
    const mute = sessions(2, (id) => (id === "app-1" ? { agent } : {})).conflict("app-1", "app-2");
    expect(mute.pass(MIN).asked()).toEqual(["app-2"]);
    const reactions = resolveReactions({ "merge-conflicts": { escalateAfter: 3 } });
    const patient = sessions(2, () => ({ reactions }))
      .conflict("app-1", "app-2")
      .pass(50 * MIN);
    expect(patient.asked()).toEqual(["app-1"]);
    expect(patient.pass(15 * MIN).asked()).toEqual(["app-1", "app-2"]);
  });

  test("wait half an hour for one that was brought up to date and is not merged", () => {
    const world = sessions(2).conflict("app-1", "app-2").pass(MIN).solve("app-1");
    expect(world.pass(25 * MIN).asked()).toEqual(["app-1"]);
    expect(world.pass(10 * MIN).asked()).toEqual(["app-1", "app-2"]);
  });

  test("do not escalate while they wait, and one that was asked before is not held back by a newcomer", () => {
    const world = sessions(3)
      .conflict("app-2", "app-3")
      .pass(MIN)
      .conflict("app-1")
      .pass(2 * MIN);
    expect(world.asked()).toEqual(["app-2"]);
    expect([world.held("app-1"), world.held("app-2")]).toEqual(["waits for app-2, which is to merge first", null]);
    world.pass(9 * MIN);
    expect(world.record("app-3").episodes["merge-conflicts"]?.escalatedAt).toBeNull();
  });
});

test("a branch that is behind is brought up to date in the same order, once it is ready but for that", () => {
  const world = sessions(2).pr("app-1", { isBehind: true }).pr("app-2", { isBehind: true }).pass(MIN);
  expect(world.asked()).toEqual(["app-1"]);
  const text = world.record("app-1").messages.list[0]?.text;
  expect(text).toMatch(/#1 lacks the newest commits of main and cannot be merged\./);
  world.solve("app-1").pr("app-1", { state: "merged", headSha: HEAD2 }).pass(MIN);
  expect(world.asked()).toEqual(["app-1", "app-2"]);
  expect(world.record("app-2").pr.snapshot?.headSha).toBe(HEAD);
  const unready = sessions(1).pr("app-1", { isBehind: true, review: "pending" }).pass(MIN);
  expect(unready.asked()).toEqual([]);
});
