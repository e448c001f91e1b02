import { aPolicy, aRecord, iso, routed, someLimits, startFacts, T0 } from "@agent-orchestrator/testkit/records";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SessionFact } from "../model/fact.ts";
import type { Policy } from "../model/policy.ts";
import type { RecordChanges } from "../model/record-changes.ts";
import type { SessionRecord } from "../model/session.ts";
import { State } from "../model/state.ts";
import { emptyState } from "../store/fold.ts";
import { type Plan, planStep } from "./step.ts";
import { costOf } from "./tally.ts";

const HOUR = 3_600_000;
const KEY = "0123456789ab-my-app";

const used = (usd: number, key = "c"): SessionFact => ({
  ...{ kind: "usage", at: iso() },
  usage: { key, models: [{ model: "m", usd, tokens: { input: 100, output: 0, cacheRead: 0, cacheWrite: 0 } }] },
});
const active: SessionFact = {
  ...{ kind: "activity", at: iso(), launch: 1 },
  activity: { state: "active", since: iso(), source: "hook", evidence: "busy" },
};

/** Some working sessions, in an engine without a world. */
function world(policy: Partial<Policy> = {}, ...records: RecordChanges[]) {
  const sessions = records.map((record) => aRecord(record));
  const self = {
    nowMs: T0 + 60_000,
    policy: aPolicy({ notify: routed("urgent", "action"), ...policy }),
    max: 99,
    state: {
      ...emptyState(),
      sessions: Object.fromEntries(sessions.map((each) => [each.id, each])),
    } as State,
    plans: [] as Plan[],
    tell(facts: Record<string, SessionFact[]>, ...due: string[]) {
      const input = { facts: new Map(Object.entries(facts)), done: new Set<string>(), due: new Set(due) };
      const limits = () => ({ max: self.max, perInstance: {}, perProject: {} });
      const context = { nowMs: self.nowMs, policy: () => self.policy, watchedSince: () => T0, limits };
      const plan = planStep(self.state, input, context);
      expect(plan.bugs).toEqual([]);
      self.plans.push(plan);
      self.state = plan.next;
      return self;
    },
    /** What the channel was to be told, each once. */
    lines: () =>
      [...new Set(self.plans.flatMap(({ next }) => Object.values(next.notices)))].map(({ event }) => event.message),
    types: () =>
      self.plans
        .flatMap(({ events }) => events.map(({ draft }) => draft.type))
        .filter((type) => type.startsWith("limit.")),
    held: () => Object.values(self.state.sessions).flatMap(({ id, limits: { hold: limit } }) => (limit ? [id] : [])),
    record: (id: string) => self.state.sessions[id] as SessionRecord,
    did: (kind: string) =>
      self.plans.flatMap(({ actions }) =>
        actions.filter(({ action }) => action.kind === kind).map(({ sessionId }) => sessionId),
      ),
  };
  for (const { id } of sessions) self.tell({}, id).tell({ [id]: [...startFacts(), active] });
  return self;
}
type World = ReturnType<typeof world>;
const three = (policy: Partial<Policy> = {}): World =>
  world(policy, { id: "app-1" }, { id: "app-2" }, { id: "api-1", projectId: "api" });
const usd = (self: World, key = KEY, what: "total" | "today" = "total") =>
  costOf(self.state.spend[key]?.[what] ?? []).usd;

describe("sums over sessions", () => {
  test("are by project and by day, each report counted once", () => {
    const self = three().tell({ "app-1": [used(1)], "app-2": [used(2)], "api-1": [used(4)] });
    self.tell({ "app-1": [used(1), used(1.5)] });
    expect([usd(self), usd(self, "0123456789ab-api")]).toEqual([3.5, 4]);
    self.nowMs += 24 * HOUR;
    self.tell({ "app-1": [used(2)] });
    expect([usd(self), usd(self, KEY, "today")]).toEqual([4, 0.5]);
    expect(self.state.spend[KEY]).toMatchObject({ day: "2026-01-02", sessionsToday: 1 });
    expect(State.safeParse(self.state).error?.issues).toBeUndefined();
  });

  test("stay when a session is archived or gone", () => {
    const self = three().tell({ "app-1": [used(1)], "app-2": [used(2)] });
    const { "app-1": _, ...rest } = self.state.sessions;
    self.state = { ...self.state, sessions: rest };
    self.tell({ "app-2": [used(3)] });
    expect([usd(self), usd(self, KEY, "today"), self.state.spend[KEY]?.sessionsToday]).toEqual([4, 4, 2]);
  });

  test("do not depend on the order or repetition of reports", () => {
    const reports = fc.array(
      fc.record({ id: fc.constantFrom("app-1", "app-2"), key: fc.constantFrom("c", "d"), cents: fc.nat(500) }),
    );
    fc.assert(
      fc.property(
        reports.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
        ),
        ([a, b]) => {
          const [x, y] = [a, b].map((some) => {
            const self = three();
            for (const { id, key, cents } of some) self.tell({ [id]: [used(cents / 100, key)] });
            return [usd(self), usd(self, KEY, "today")];
          });
          expect(x?.map((sum) => sum?.toFixed(6))).toEqual(y?.map((sum) => sum?.toFixed(6)));
        },
      ),
      { numRuns: 30 },
    );
  });

  test("a report without usage changes nothing", () => {
    const self = three().tell({ "app-1": [used(1)] });
    const { spend } = self.state;
    expect(self.tell({ "app-1": [used(1)] }).state.spend).toBe(spend);
  });
});

describe("a limit that sessions share", () => {
  test.each<[string, Parameters<typeof someLimits>[0], string[]]>([
    ["a project", { usd: { project: 10 } }, ["app-1", "app-2"]],
    ["a day of this config", { usd: { day: 10 } }, ["app-1", "app-2", "api-1"]],
    ["a day of everything", { usd: { dayOfAll: 10 } }, ["app-1", "app-2", "api-1"]],
    ["tokens of a day", { tokens: { dayOfAll: 150 } }, ["app-1", "app-2", "api-1"]],
  ])("of %s holds all of them, and is announced once", (_, limits, held) => {
    const self = three({ limits: someLimits(limits) }).tell({ "app-1": [used(6)] });
    expect(self.held()).toEqual([]);
    self.tell({ "app-2": [used(6)] });
    expect(self.held()).toEqual(held);
    expect(self.did("interrupt").sort()).toEqual([...held].sort());
    expect(self.types()).toEqual(["limit.reached"]);
    self
      .tell({ "app-1": [used(7)] })
      .tell({ "app-2": [used(8)] })
      .tell({}, "app-1", "app-2", "api-1");
    expect([self.types(), self.lines().length]).toEqual([["limit.reached"], 1]);
    expect(self.lines()[0]).toContain(`${held.length} sessions are paused (${held.join(", ")})`);
  });

  test("is announced at 80 %, once", () => {
    const self = three({ limits: someLimits({ usd: { day: 10 } }) }).tell({ "app-1": [used(4)], "app-2": [used(4)] });
    self.tell({ "app-1": [used(4.5)] }).tell({ "api-1": [used(0.1)] });
    expect(self.lines()).toEqual([
      "today's limit of this config of $10.00 is almost used up: $8.00 of $10.00 (limits.maxCostUsd.day)",
    ]);
  });

  test("does not count what another config's sessions use, but the user's own does", () => {
    const elsewhere = { id: "web-1", instanceId: "ffffffffffff", projectId: "web" };
    const self = world({ limits: someLimits({ usd: { day: 10 } }) }, { id: "app-1" }, elsewhere);
    self.tell({ "web-1": [used(9)], "app-1": [used(9)] });
    expect(self.held()).toEqual([]);
    self.policy = { ...self.policy, limits: someLimits({ usd: { dayOfAll: 10 } }) };
    expect(self.tell({ "app-1": [used(9.1)] }).held()).toEqual(["app-1", "web-1"]);
  });

  test("holds new starts, with the reason, until the day is over", () => {
    const self = three({ limits: someLimits({ usd: { dayOfAll: 10 } }) }).tell({ "app-1": [used(10)] });
    self.state = { ...self.state, sessions: { ...self.state.sessions, "app-3": aRecord({ id: "app-3" }) } };
    self.tell({}, "app-3");
    expect(self.record("app-3").queuedFor).toBe("today's limit of $10.00 is reached: `ao resume app-3`");
    const wakeAt = self.plans.at(-1)?.wakeAt.get("app-3");
    expect(wakeAt).toBe(T0 + 24 * HOUR);
    self.nowMs = wakeAt ?? 0;
    self.tell({}, "app-1", "app-2", "app-3", "api-1");
    expect(self.held()).toEqual([]);
    expect(self.did("start")).toContain("app-3");
    expect(self.types().filter((type) => type === "limit.lifted")).toHaveLength(4);
  });

  test("is raised by a quarter only for the session that is resumed", () => {
    const self = three({ limits: someLimits({ usd: { dayOfAll: 10 } }) }).tell({ "app-1": [used(10)] });
    self.tell({ "app-2": [{ kind: "wish-grant", at: iso() }] });
    expect(self.held()).toEqual(["app-1", "api-1"]);
    self.tell({ "app-2": [used(2.5)] });
    expect(self.held()).toEqual(["app-1", "app-2", "api-1"]);
    expect(self.types()).toEqual(["limit.reached", "limit.lifted", "limit.reached"]);
  });

  test("tomorrow begins at the user's midnight", () => {
    const self = three({ utcOffsetMs: 9 * HOUR, limits: someLimits({ usd: { dayOfAll: 10 } }) });
    self.tell({ "app-1": [used(10)] });
    expect(self.state.spend[KEY]?.day).toBe("2026-01-01");
    self.nowMs = T0 + 15 * HOUR;
    expect(self.tell({}, "app-1", "app-2", "api-1").held()).toEqual([]);
  });

  test("without any limit the user is told once of 100 USD in a day, and nothing is held", () => {
    const self = three().tell({ "app-1": [used(19)] });
    for (let at = 2; at <= 9; at++) self.tell({ "api-1": [used(15, `c${at}`)] });
    expect(self.held()).toEqual([]);
    expect(self.lines()).toEqual([
      "api-1 has used $30.00; no limit is set (limits.maxCostUsd.session)",
      "$109.00 were used today; no limit is set (limits.maxCostUsd.day)",
    ]);
  });
});

test("a vendor's limit that stops several sessions is announced once", () => {
  const limit = (resetsAt: string): SessionFact => ({
    ...{ kind: "activity", at: iso(), launch: 1 },
    activity: { ...{ state: "limited", since: iso(), source: "hook", evidence: "limit" }, limit: { resetsAt } },
  });
  const self = three().tell({ "app-1": [limit(iso(5 * HOUR))] });
  self.tell({ "app-2": [limit(iso(5 * HOUR + 60_000))], "api-1": [limit(iso(5 * HOUR))] });
  expect(self.lines()).toHaveLength(1);
  const events = self.plans.flatMap(({ events }) => events.filter(({ draft }) => draft.type === "agent.limited"));
  expect(events.map(({ sessionId }) => sessionId)).toEqual(["app-1", "app-2", "api-1"]);
});
