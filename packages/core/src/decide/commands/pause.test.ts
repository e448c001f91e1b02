import { aRecord, T0 } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import type { CommandOf, PauseTarget } from "../../model/command.ts";
import type { LimitHold } from "../../model/held.ts";
import type { RecordChanges } from "../../model/record-changes.ts";
import type { SessionRecord } from "../../model/session.ts";
import type { State } from "../../model/state.ts";
import { emptyState } from "../../store/fold.ts";
import { carryOut } from "./commands.ts";

const limit = { reason: "it has used $5", ids: ["usd"], since: "2026-01-01T00:00:00.000Z" } as unknown as LimitHold;
const after = [{ session: "app-2", issue: null, by: "user" as const, metAt: null }];
const { instanceId } = aRecord();
const project = (id: string, of = instanceId) => ({
  [`${of}-${id}`]: { key: `${of}-${id}`, instanceId: of, projectId: id, isPaused: false, told: [] },
});
const stateOf = (...sessions: SessionRecord[]): State => ({
  ...emptyState(),
  projects: { ...project("my-app"), ...project("my-app", "ba9876543210"), ...project("web") },
  sessions: Object.fromEntries(sessions.map((session) => [session.id, session])),
});

const EVERYTHING: PauseTarget = { scope: "everything" };
const PROJECT: PauseTarget = { scope: "project", projectId: "my-app" };
const SESSION: PauseTarget = { scope: "session", sessionId: "app-1" };

type Pausing = Pick<CommandOf<"pause">, "isPaused"> & Partial<Pick<CommandOf<"pause">, "wish">>;

function run(state: State, target: PauseTarget, { isPaused, wish = null }: Pausing) {
  const made = carryOut(state, { kind: "pause", target, isPaused, wish }, { nowMs: T0 });
  if ("refused" in made) throw new Error(made.refused.message);
  const facts = (made.facts ?? []).map(({ sessionId, fact }) => `${sessionId} ${fact.kind}`);
  return { ...made, facts };
}
const pausedProjects = ({ projects }: State) => Object.values(projects).filter(({ isPaused }) => isPaused).length;

test.each<[string, PauseTarget, { all: boolean; projects: number; facts: string[] }]>([
  ["everything", EVERYTHING, { all: true, projects: 0, facts: [] }],
  ["a project, in every config that has one of that name", PROJECT, { all: false, projects: 2, facts: [] }],
  ["a session, which is told", SESSION, { all: false, projects: 0, facts: ["app-1 wish-pause"] }],
  ["a session that is gone: nothing", { scope: "session", sessionId: "app-9" }, { all: false, projects: 0, facts: [] }],
])("pauses %s, and resumes it", (_, target, expected) => {
  const state = stateOf(aRecord());
  const paused = run(state, target, { isPaused: true });
  expect({ all: paused.next.isPaused, projects: pausedProjects(paused.next), facts: paused.facts }).toEqual(expected);
  const resumed = run(paused.next, target, { isPaused: false });
  expect({ all: resumed.next.isPaused, projects: pausedProjects(resumed.next) }).toEqual({ all: false, projects: 0 });
});

test.for<[string, PauseTarget, boolean, string[]]>([
  ["resuming everything", EVERYTHING, false, ["app-1", "web-1"]],
  ["resuming a project", PROJECT, false, ["app-1"]],
  ["resuming the session", SESSION, false, ["app-1"]],
  ["pausing", EVERYTHING, true, []],
])("%s lets go of what a limit holds of it, and pausing of nothing", ([, target, isPaused, granted]) => {
  const held = [
    aRecord({ limits: { hold: limit } }),
    aRecord({ id: "app-2" }),
    aRecord({ id: "web-1", projectId: "web", limits: { hold: limit } }),
  ];
  const made = run(stateOf(...held), target, { isPaused });
  expect(made.result.granted).toEqual(granted);
  expect(made.facts.filter((fact) => fact.endsWith("grant"))).toEqual(granted.map((id) => `${id} wish-grant`));
});

test.each<[string, RecordChanges, boolean]>([
  ["only waits for others", { after }, true],
  ["waits for nobody", {}, false],
  ["is paused as well", { after, isPaused: true }, false],
  ["is at a limit as well", { after, limits: { hold: limit } }, false],
  ["has started", { after, phase: "running" }, false],
])("a session that %s may or may not start once it is resumed", (_, changes, isReleased) => {
  const made = run(stateOf(aRecord(changes)), SESSION, { isPaused: false });
  expect(made.result.isReleased).toBe(isReleased);
  expect(made.facts.includes("app-1 wish-not-wait")).toBe(isReleased);
});

test("the wish keeps the answer, for a caller that asks again", () => {
  const wish = { id: "w1", request: "pause" };
  const state = stateOf(aRecord({ limits: { hold: limit } }));
  const kept = { target: "app-1", isPaused: false, granted: ["app-1"] };
  expect(run(state, SESSION, { isPaused: false, wish }).next.wishes.w1).toMatchObject({
    request: "pause",
    result: kept,
  });
  expect(run(state, SESSION, { isPaused: false }).next.wishes).toEqual({});
});
