import { agentOf, type Op, ops, Simulation } from "@agent-orchestrator/testkit/simulation";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SessionRecord } from "../model/session.ts";
import { isAsking } from "./activity.ts";
import { isOfRepository } from "./causes.ts";
import { decide } from "./decide.ts";
import { isAlive } from "./facts-of.ts";
import { groupOf } from "./view.ts";

/** Lives of a session under random facts, wishes and results of actions, in random order. */
const lives = fc.record({
  agent: fc.constantFrom("silent", "telling", "per-turn" as const),
  ops: ops({ maxLength: 60 }),
});
const DAY_MS = 86_400_000;
const { AO_PROPERTY_RUNS = "100", SEED } = process.env;
const RUNS = { numRuns: Number(AO_PROPERTY_RUNS), ...(SEED === undefined ? {} : { seed: Number(SEED) }) };

function forEachStep(check: (simulation: Simulation) => void): void {
  fc.assert(
    fc.property(lives, (life) => {
      const simulation = new Simulation(agentOf(life.agent));
      for (const op of life.ops as Op[]) {
        simulation.play(op);
        check(simulation);
      }
    }),
    RUNS,
  );
}

/** How a notice about this reason names its cause. */
function namesOf(reason: string, { status, episodes, ending, pr: { snapshot: pr } }: SessionRecord): string[] {
  if (/^paused: .*is reached/.test(reason)) return ["limit:"];
  if (reason.startsWith("merging failed")) return ["merge:", `ready:${pr?.info.number}`];
  if (reason.includes("could not be removed")) return ["removal:"];
  if (reason.startsWith("no pull request:")) return ["no-pr:"];
  if (reason.includes("could not be marked as ready")) return ["not-ready:"];
  if (reason.includes("may not instruct the agent")) return ["changes:"];
  if (/without a result|with no commits/.test(reason)) return ["no-result:"];
  if (reason.includes("review")) return ["review:"];
  const gaveUp = /\((\S+) gave up\)$/.exec(reason)?.[1];
  if (gaveUp !== undefined) return [`escalated:${gaveUp}:${episodes[gaveUp as "ci-failed"]?.beganAt}`];
  if (reason === ending?.reason) return ["exit:"];
  if (status === "needs_input") return ["needs-input"];
  if (status === "stuck") return ["stuck:", "exit:"];
  if (status === "mergeable" && reason.includes("merg")) return ["ready:"];
  return ["ci:", "repository:", "changes:", "bots:", "conflicts:", "idle:", "closed:", "exit:", "stray:"];
}

describe("whatever happens to a session", () => {
  test("the same facts give the same decision, as valid data", () => {
    forEachStep(({ before, facts, context, last }) => {
      expect(JSON.stringify(decide(before, facts, context))).toBe(JSON.stringify(last));
      const parsed = SessionRecord.safeParse(last.next);
      expect(parsed.error?.issues).toBeUndefined();
    });
  });

  test("deciding again on nothing new does nothing and keeps the very record", () => {
    forEachStep(({ record, context }) => {
      const again = decide(record, [], context);
      expect(again.actions).toEqual([]);
      expect(again.events).toEqual([]);
      expect(again.next).toBe(record);
    });
  });

  test("a wake-up lies in the future, and until then time alone changes nothing", () => {
    forEachStep(({ record, last, context }) => {
      if (last.wakeAtMs !== null) expect(last.wakeAtMs).toBeGreaterThan(context.nowMs);
      const nowMs = (last.wakeAtMs ?? context.nowMs + 400 * DAY_MS) - 1;
      const later = decide(record, [], { ...context, nowMs });
      expect([later.actions, later.events]).toEqual([[], []]);
      expect(later.next).toBe(record);
    });
  });

  test("nothing is delivered into an open question, while paused, or to a program that is not ready", () => {
    forEachStep(({ last, record }) => {
      if (!last.actions.some((action) => action.kind === "deliver")) return;
      expect(isAsking(record.activity?.state)).toBe(false);
      expect([record.isPaused, record.launch.last?.isReady, isAlive(record)]).toEqual([false, true, true]);
      expect(record.limits.hold ?? null).toBeNull();
    });
  });

  test("no more messages of reactions go out than `maxReactionsPerSession` allows", () => {
    forEachStep(({ record, context }) => {
      expect(record.messages.reactionSends ?? 0).toBeLessThanOrEqual(context.policy.limits?.reactions ?? 1e9);
    });
  });

  test("a message is delivered at most once, one at a time", () => {
    forEachStep(({ actions, record }) => {
      const delivered = actions.flatMap((action) => (action.kind === "deliver" ? [action.messageId] : []));
      expect(new Set(delivered).size).toBe(delivered.length);
      const underWay = record.messages.list.filter((each) => each.state === "writing" || each.state === "written");
      expect(underWay.length).toBeLessThanOrEqual(1);
    });
  });

  test("messages of one kind go in in the order in which they came", () => {
    forEachStep(({ actions }) => {
      const order = actions.flatMap((action) => {
        const id = action.kind === "deliver" ? action.messageId : action.kind === "start" ? action.messageId : null;
        return id?.startsWith("m") ? [Number(id.slice(1))] : [];
      });
      for (const kind of [0, 1]) {
        const same = order.filter((number) => number % 2 === kind);
        expect(same).toEqual([...same].sort((a, b) => a - b));
      }
    });
  });

  test("no two programs run at once, and launches are never counted twice", () => {
    forEachStep(({ running, actions }) => {
      expect(running.size).toBeLessThanOrEqual(1);
      const launches = actions.flatMap((action) => (action.kind === "start" ? [action.launch] : []));
      expect(launches).toEqual([...launches].sort((a, b) => a - b));
      expect(new Set(launches).size).toBe(launches.length);
    });
  });

  test("a checkout is removed only when nothing runs in it", () => {
    forEachStep(({ last, running }) => {
      if (last.actions.some((action) => action.kind === "remove")) expect(running.size).toBe(0);
    });
  });

  test("only the head that was judged is merged, and by itself only when mergeable and not paused", () => {
    forEachStep(({ last, record }) => {
      for (const action of last.actions) {
        if (action.kind !== "merge") continue;
        expect(action.headSha).toBe(record.pr.snapshot?.headSha);
        if (action.isAuto) expect([record.status, record.isPaused]).toEqual(["mergeable", false]);
      }
    });
  });

  test("an episode has no more sends than its reaction allows, and one escalation", () => {
    forEachStep(({ record, events }) => {
      expect(record.episodes["ci-failed"]?.sends ?? 0).toBeLessThanOrEqual(3);
      const escalated = events.flatMap((event) =>
        event.type === "reaction.escalated"
          ? [`${event.data.reaction} ${event.data.beganAt} ${event.data.fingerprint}`]
          : [],
      );
      expect(new Set(escalated).size).toBe(escalated.length);
    });
  });

  test("the user is told of a cause once", () => {
    forEachStep(({ actions }) => {
      const keys = actions.flatMap((action) =>
        action.kind === "notify" && !isOfRepository(action.notification.cause) ? [action.key] : [],
      );
      expect(new Set(keys).size).toBe(keys.length);
    });
  });

  test("what needs the user was told, unless they had just done it themselves", () => {
    const knownIn = new WeakMap<Simulation, Set<string>>();
    forEachStep((simulation) => {
      const { record, actions, context } = simulation;
      const { attention, humanDid = {} } = record;
      if (attention === null || !["needs-you", "ready-to-merge"].includes(groupOf(record))) return;
      // `ao` merges it at this moment.
      if (record.pr.merging) return;
      const known = knownIn.get(simulation) ?? new Set();
      knownIn.set(simulation, known);
      const { reviewed, merged, removed } = humanDid;
      const did = [reviewed, merged, removed].some((when) => when && context.nowMs - Date.parse(when) <= 120_000);
      if (did) known.add(attention.reason);
      const causes = actions.flatMap((action) => (action.kind === "notify" ? [action.notification.cause] : []));
      const isTold = causes.some((cause) => namesOf(attention.reason, record).some((name) => cause.startsWith(name)));
      if (!isTold && !known.has(attention.reason)) expect([attention, causes]).toBe("was told");
    });
  });

  test("no message is lost where a launch that takes over ends before its beginning is told", () => {
    const simulation = new Simulation(agentOf("per-turn"));
    const play = (fact: Extract<Op, { op: "fact" }>["fact"]) => simulation.play({ op: "fact", fact, isStale: false });
    const succeed = () => simulation.play({ op: "result", isGood: true, isLate: false });
    succeed();
    play({ kind: "wish-handoff", wishId: "w", agent: "other", agentOptions: {}, words: null });
    play({ kind: "wish-send", message: { id: "", text: "do it", isUrgent: false } });
    succeed();
    simulation.play({ op: "wait", ms: 0 });
    expect(simulation.record.launch.last).toMatchObject({ number: 2, mode: "handoff", startedAt: null });
    play({ kind: "exited", launch: 0, exit: { code: 0, signal: null, at: "", lastOutput: null } });
    simulation.calm();
    expect(simulation.record.messages.list.filter((message) => message.settledAt === null)).toEqual([]);
  });

  test("no message is lost: once the agent is idle and nobody holds it back, every one is settled", () => {
    fc.assert(
      fc.property(lives, (life) => {
        const simulation = new Simulation(agentOf(life.agent));
        for (const op of life.ops as Op[]) simulation.play(op);
        simulation.calm();
        // A question between two turns holds a message until the user answers, and that one those after it.
        const { list: messages } = simulation.record.messages;
        const isAsked = messages.some(({ settledAt, heldFor }) => settledAt === null && heldFor === "asking");
        const waits = isAsked ? ["asking", "before-it"] : [];
        const open = messages.filter(({ settledAt, heldFor }) => settledAt === null && !waits.includes(heldFor ?? ""));
        expect(open).toEqual([]);
        expect(simulation.record.launch.stopping ?? null).toBeNull();
      }),
      RUNS,
    );
  });
});
