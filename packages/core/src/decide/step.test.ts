import { aPolicy, aPr, aRecord, routed } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import { NOTICES } from "../model/notice.ts";
import type { RecordChanges } from "../model/record-changes.ts";
import type { State } from "../model/state.ts";
import { emptyState } from "../store/fold.ts";
import { type Plan, planStep, type StepContext } from "./step.ts";

const context = (changes: Partial<StepContext> = {}): StepContext => ({
  nowMs: Date.parse("2026-01-01T01:00:00Z"),
  policy: () => aPolicy({ notify: routed("urgent", "action", "warning", "info") }),
  watchedSince: () => 0,
  limits: () => ({ max: 2, perInstance: {}, perProject: {} }),
  ...changes,
});

function stateOf(...records: RecordChanges[]): State {
  const sessions = records.map((record) => aRecord(record));
  const key = "0123456789ab-my-app";
  const project = { key, instanceId: "0123456789ab", projectId: "my-app", isPaused: false, told: [] };
  return {
    ...emptyState(),
    projects: { [key]: project },
    sessions: Object.fromEntries(sessions.map((record) => [record.id, record])),
  };
}

const look = (state: State, ids: string[], changes: Partial<StepContext> = {}): Plan =>
  planStep(state, { facts: new Map(), done: new Set(), due: new Set(ids) }, context(changes));

const kinds = (plan: Plan) => plan.actions.map(({ sessionId, action }) => `${action.kind} ${sessionId}`);
const ended = (id: string, status: "done" | "killed" = "done"): RecordChanges => {
  const ending = { status, by: "user" as const, reason: "it is", at: aRecord().createdAt };
  return { id, phase: "ended", status, ending, statusSince: aRecord().createdAt };
};

test("as many sessions start as there is room for, in order, and the others say why they wait", () => {
  const plan = look(stateOf({ id: "app-3" }, { id: "app-1" }, { id: "app-2" }), ["app-1"]);
  expect(kinds(plan).filter((kind) => kind.startsWith("start"))).toEqual(["start app-1", "start app-2"]);
  expect(Object.keys(plan.next.intents)).toEqual(expect.arrayContaining(["start:app-1:1", "start:app-2:1"]));
  expect(plan.next.sessions["app-3"]?.queuedFor).toContain("maxConcurrentSessions is 2");
});

test("a step without anything to decide returns the same state", () => {
  const state = look(stateOf(ended("app-1")), ["app-1"]).next;
  const again = look(state, ["app-1"]);
  expect(again.next).toBe(state);
  expect([again.actions, again.events]).toEqual([[], []]);
});

test("an intent whose result arrived is closed, and an open one is not started again", () => {
  const first = look(stateOf({ id: "app-1" }), ["app-1"]).next;
  const facts = { facts: new Map(), due: new Set<string>() };
  expect(planStep(first, { ...facts, done: new Set(["start:app-1:1"]) }, context()).next.intents).toEqual({});
  expect(planStep(first, { ...facts, done: new Set() }, context()).actions).toEqual([]);
});

test("a failure of the whole repository is told once for all sessions, and again when it was over in between", () => {
  const checks = [{ name: "test", status: "failed" as const, failsOnBase: true }];
  const red = aPr({ ci: "failing", checks });
  const running = { phase: "running" as const, workspacePath: "/w" };
  const notices = ({ next }: Plan) => Object.values(next.notices);
  const change = ({ next }: Plan, ids: string[], snapshot: typeof red): Plan => {
    const facts = new Map(ids.map((id) => [id, [{ at: aRecord().createdAt, kind: "pr" as const, snapshot }]]));
    return planStep(
      { ...next, intents: {}, notices: {} },
      { facts, done: new Set(), due: new Set() },
      context({ policy: () => aPolicy({ notify: routed("urgent", "action") }) }),
    );
  };
  const first = change(
    look(stateOf({ id: "app-1", ...running }, { id: "app-2", ...running }), []),
    ["app-1", "app-2"],
    red,
  );
  expect(notices(first)).toHaveLength(1);
  const one = change(first, ["app-1"], aPr({ ci: "pending" }));
  const half = change(one, ["app-1"], aPr({ ci: "passing" }));
  expect(notices(change(half, ["app-1"], red))).toEqual([]);
  const over = change(half, ["app-2"], aPr({ ci: "passing" }));
  expect(notices(change(over, ["app-2"], red))).toHaveLength(1);
});

test("all-complete is reported once, and again only after something ran", () => {
  const plan = look(stateOf(ended("app-1"), ended("app-2", "killed")), ["app-1"]);
  expect(plan.events.map(({ draft }) => draft.message)).toContain("2 sessions have ended: 1 done, 1 killed");
  expect(plan.next.isAllCompleteTold).toBe(true);
  expect(look(plan.next, ["app-1"]).events).toEqual([]);
  const running = { ...plan.next, sessions: { ...plan.next.sessions, "app-3": aRecord({ id: "app-3" }) } };
  expect(look(running, ["app-3"]).next.isAllCompleteTold).toBe(false);
});

test("several notifications of one step come as one message", () => {
  const asking = (id: string): RecordChanges => {
    const since = aRecord().createdAt;
    const activity = { state: "waiting_input" as const, since, source: "hook" as const, evidence: "", question: id };
    return { id, phase: "running", activity, claims: { hook: activity }, ...launchedNow };
  };
  const times = { requestedAt: aRecord().createdAt, startedAt: aRecord().createdAt };
  const where = { handle: { id: "h", runtimeName: "memory", data: {} }, pid: 1, startId: null, isReady: true };
  const launchedNow = {
    launch: { last: { number: 1, mode: "first" as const, messageId: null, ...times, ...where, exit: null } },
  };
  const plan = look(stateOf(asking("app-1"), asking("app-2")), ["app-1", "app-2"]);
  const settled = Date.parse("2026-01-01T01:00:02Z");
  expect(plan.wakeAt.get(NOTICES)).toBe(settled);
  const due = look(plan.next, [NOTICES], { nowMs: settled });
  const told = due.actions.flatMap(({ action }) => (action.kind === "tell" ? [action.notices] : []));
  expect(told).toEqual([[expect.stringMatching(/^notify:app-1:/), expect.stringMatching(/^notify:app-2:/)]]);
});

test("a session whose decision throws is left unchanged and named, and the others go on", () => {
  const policy: StepContext["policy"] = ({ id }) => {
    if (id === "app-1") throw new Error("a bug");
    return aPolicy();
  };
  const state = stateOf(ended("app-1"), { id: "app-2" });
  const plan = look(state, ["app-1", "app-2"], { policy });
  expect(plan.bugs).toMatchObject([{ sessionId: "app-1", error: { message: "a bug" } }]);
  expect(plan.next.sessions["app-1"]).toBe(state.sessions["app-1"]);
  expect(kinds(plan)).toContain("start app-2");
});
