import { playRunning } from "@agent-orchestrator/testkit/play";
import { aRecord, iso } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import { type RecordChanges, withChanges } from "../model/record-changes.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import type { ActivityState, SessionStatus } from "../model/status.ts";
import { emptyState } from "../store/fold.ts";
import { admit, takesPlace } from "./queue.ts";

const running = playRunning().record;
const queued = (id: string, ms: number, changes: RecordChanges = {}) =>
  aRecord({ id, statusSince: iso(ms), ...changes });
const stateOf = (sessions: SessionRecord[], changes: Partial<State> = {}): State => ({
  ...emptyState(),
  sessions: Object.fromEntries(sessions.map((session) => [session.id, session])),
  ...changes,
});
const limits = (
  max: number | null,
  perInstance: Record<string, number> = {},
  perProject: Record<string, number> = {},
) => ({ max, perInstance, perProject });

test("sessions start in the order in which they were queued, as far as there is room, and the others know why not", () => {
  const state = stateOf([running, queued("app-10", 5), queued("app-9", 5), queued("app-3", 1)]);
  const { start, waiting } = admit(state, limits(3));
  expect(start).toEqual(["app-3", "app-9"]);
  expect(waiting).toEqual([{ id: "app-10", reason: "3 agents are working, and limits.maxConcurrentSessions is 3" }]);
});

test("the smaller limit holds: one instance's own does not stop another's sessions", () => {
  const other = { instanceId: "ffffffffffff" };
  const state = stateOf([queued("app-2", 1), queued("app-3", 2), queued("api-1", 3, other)]);
  expect(admit(state, limits(10, { "0123456789ab": 1 })).start).toEqual(["app-2", "api-1"]);
  expect(admit(state, limits(1, { "0123456789ab": 5 })).start).toEqual(["app-2"]);
  expect(admit(state, limits(null)).start).toHaveLength(3);
});

test("the limit of the machine counts the agents of all configs", () => {
  const configs = Array.from({ length: 11 }, (_, at) => ({ instanceId: at.toString(16).padStart(12, "0") }));
  const busy = configs.map((config, at) => ({ ...running, id: `app-${at + 1}`, ...config }));
  const { start, waiting } = admit(stateOf([...busy.slice(0, 9), queued("b-1", 1), queued("b-2", 2)]), limits(10));
  expect(start).toEqual(["b-1"]);
  expect(waiting).toEqual([{ id: "b-2", reason: "10 agents are working, and limits.maxConcurrentSessions is 10" }]);
});

test("the limits of a config and of a project lie below that of the machine, and the reason names the one that holds", () => {
  const state = stateOf([running, queued("app-2", 1), queued("api-1", 2, { projectId: "api" })]);
  const reasonOf = (...of: Parameters<typeof limits>) =>
    admit(state, limits(...of)).waiting.map(({ reason }) => reason);
  const key = `${running.instanceId}-${running.projectId}`;
  expect(reasonOf(10, {}, { [key]: 1 })).toEqual([
    `1 agent of ${running.projectId} is working, and its limits.maxConcurrentSessions is 1`,
  ]);
  expect(reasonOf(10, { [running.instanceId]: 1 })[0]).toBe(
    "1 agent of this config is working, and its limits.maxConcurrentSessions is 1",
  );
  expect(reasonOf(1, { [running.instanceId]: 1 }, { [key]: 1 })[0]).toBe(
    "1 agent is working, and limits.maxConcurrentSessions is 1",
  );
});

test("what is paused waits without taking a place", () => {
  const project = {
    key: "0123456789ab-my-app",
    instanceId: "0123456789ab",
    projectId: "my-app",
    isPaused: true,
    told: [],
  };
  const sessions = [
    queued("app-2", 1),
    queued("api-1", 2, { projectId: "api" }),
    queued("api-2", 3, { projectId: "api", isPaused: true }),
  ];
  const { start, waiting } = admit(stateOf(sessions, { projects: { [project.key]: project } }), limits(2));
  expect(start).toEqual(["api-1"]);
  expect(waiting.map((each) => each.id)).toEqual(["app-2", "api-2"]);
  expect(admit(stateOf(sessions, { isPaused: true }), limits(2)).start).toEqual([]);
});

const at = (state: ActivityState, status: SessionStatus): SessionRecord => ({
  ...running,
  status,
  activity: { state, since: iso(1), source: "hook", evidence: "test" },
});

test.each([
  ["a start under way", aRecord({ phase: "starting", status: "spawning" }), true],
  ["a working agent", running, true],
  ["an idle agent", at("ready", "working"), false],
  ["an agent that has been idle for long", at("idle", "working"), false],
  ["an idle agent that asks", at("waiting_input", "needs_input"), true],
  ["an agent that is stuck", at("active", "stuck"), true],
  ["an agent of which nobody can tell", at("unknown", "working"), true],
  ["an agent that waits for its vendor", at("limited", "working"), false],
  ["an idle agent whose checks fail", at("ready", "ci_failed"), false],
  ["an agent that mends its checks", at("active", "ci_failed"), true],
  ["a merged session's agent, which still talks", { ...at("active", "merged"), phase: "ended" as const }, false],
  ["an agent that is gone", withChanges(running, { status: "stuck" as const, launch: { last: null } }), false],
  ["a queued session", aRecord(), false],
])("%s takes a place: %s", (_, record, expected) => {
  expect(takesPlace(record)).toBe(expected);
});
