import { playRunning } from "@agent-orchestrator/testkit/play";
import { aRecord, iso } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { admit, takesPlace } from "./queue.ts";

const running = playRunning().record;
const queued = (id: string, ms: number, changes: Partial<SessionRecord> = {}) =>
  aRecord({ id, statusSince: iso(ms), ...changes });
const stateOf = (sessions: SessionRecord[], changes: Partial<State> = {}): State => ({
  seq: 0,
  epoch: 1,
  isPaused: false,
  lastNumber: {},
  instances: {},
  projects: {},
  spend: {},
  sessions: Object.fromEntries(sessions.map((session) => [session.id, session])),
  intents: {},
  wishes: {},
  isAllCompleteTold: false,
  ...changes,
});
const limits = (max: number | null, perInstance: Record<string, number> = {}) => ({ max, perInstance });

test("sessions start in the order in which they were queued, as far as there is room, and the others know why not", () => {
  const state = stateOf([running, queued("app-10", 5), queued("app-9", 5), queued("app-3", 1)]);
  const { start, waiting } = admit(state, limits(3));
  expect(start).toEqual(["app-3", "app-9"]);
  expect(waiting).toEqual([{ id: "app-10", reason: "3 agents are at work, and maxConcurrentSessions is 3" }]);
});

test("the smaller limit holds: one instance's own does not stop another's sessions", () => {
  const other = { instanceId: "ffffffffffff" };
  const state = stateOf([queued("app-2", 1), queued("app-3", 2), queued("api-1", 3, other)]);
  expect(admit(state, limits(10, { "0123456789ab": 1 })).start).toEqual(["app-2", "api-1"]);
  expect(admit(state, limits(1, { "0123456789ab": 5 })).start).toEqual(["app-2"]);
  expect(admit(state, limits(null)).start).toHaveLength(3);
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

test.each([
  ["a start under way", aRecord({ phase: "starting", status: "spawning" }), true],
  ["an agent at work", running, true],
  ["an agent that waits for checks on its pull request", { ...running, status: "ci_failed" as const }, false],
  ["an agent that is gone", { ...running, status: "stuck" as const, launch: null }, false],
  ["a queued session", aRecord(), false],
])("%s takes a place: %s", (_, record, expected) => {
  expect(takesPlace(record)).toBe(expected);
});
