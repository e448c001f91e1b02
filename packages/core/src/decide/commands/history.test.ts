import { aRecord, iso, T0 } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import type { StateCommand } from "../../model/command.ts";
import type { RecordChanges } from "../../model/record-changes.ts";
import type { SessionRecord } from "../../model/session.ts";
import { State } from "../../model/state.ts";
import { emptyState } from "../../store/fold.ts";
import { STAYS_MS } from "../put-away.ts";
import { carryOut } from "./commands.ts";

const HOUR = 3_600_000;
const NOW = T0 + STAYS_MS + 48 * HOUR;
const OLD = { isArchived: true, phase: "archived", status: "done", archivedAt: iso() } as const;
const old = (id: string, more: RecordChanges = {}) => aRecord({ id, branch: id, ...OLD, ...more });
const stateOf = (...sessions: SessionRecord[]): State => ({
  ...emptyState(),
  sessions: Object.fromEntries(sessions.map((session) => [session.id, session])),
});
const run = (state: State, command: StateCommand): State => {
  const made = carryOut(state, command, { nowMs: NOW });
  if ("refused" in made) throw new Error(made.refused.message);
  expect(State.safeParse(made.next).error?.issues).toBeUndefined();
  return made.next;
};

test.each<[string, { most: number; inUse: string[] }, string[]]>([
  ["all of them", { most: 9, inUse: [] }, ["app-1", "app-2", "app-3"]],
  ["as many as are wanted", { most: 2, inUse: [] }, ["app-1", "app-2"]],
  ["not one that was just asked for", { most: 9, inUse: ["app-2"] }, ["app-1", "app-3"]],
])("archived sessions are put away: %s", (_, round, gone) => {
  const state = stateOf(old("app-1"), old("app-2"), old("app-3"), aRecord({ id: "app-4" }));
  const next = run(state, { kind: "put-away", ...round });
  expect(Object.keys(next.archive)).toEqual(gone);
  expect(Object.keys(next.sessions)).toEqual(Object.keys(state.sessions).filter((id) => !gone.includes(id)));
});

test("what was put away comes back as it was, once", () => {
  const state = stateOf(old("app-1"));
  const away = run(state, { kind: "put-away", most: 9, inUse: [] });
  const back = run(away, { kind: "bring-back", record: old("app-1") });
  expect(back).toEqual(state);
  // Somebody else asked for it too, and has gone on with it.
  const stale: StateCommand = { kind: "bring-back", record: old("app-1", { summary: "older" }) };
  expect(run(back, stale)).toBe(back);
});

test("a session whose work could not be kept is archived where it is", () => {
  const state = stateOf(aRecord({ workspacePath: "/w/app-1" }));
  const next = run(state, { kind: "archive-in-place", sessionId: "app-1" });
  const archivedAt = new Date(NOW).toISOString();
  expect(next.sessions["app-1"]).toMatchObject({ ...OLD, status: "queued", archivedAt, workspacePath: "/w/app-1" });
  expect(run(state, { kind: "archive-in-place", sessionId: "app-9" })).toBe(state);
});

function tidy(state: State, keepMs: Record<string, number | null>, elapsedMs: number) {
  const made = carryOut(state, { kind: "tidy", elapsedMs, keepMs }, { nowMs: NOW });
  if ("refused" in made) throw new Error(made.refused.message);
  return made;
}

test.for<[string, Record<string, number | null>, number, string[]]>([
  ["long enough", { "0123456789ab": HOUR }, HOUR, ["/kept/app-1"]],
  ["not long enough in awake time", { "0123456789ab": HOUR }, HOUR / 2, []],
  ["for ever by its config", { "0123456789ab": null }, HOUR, []],
  ["by a config that nobody knows any more", {}, HOUR, []],
])("kept work that was kept %s", ([, keepMs, elapsedMs, folders]) => {
  const noticed = tidy(stateOf(old("app-1", { preservedPath: "/kept/app-1" })), keepMs, 0);
  expect(noticed.result).toEqual({ folders: [] });
  const made = tidy(noticed.next, keepMs, elapsedMs);
  expect(made.result).toEqual({ folders });
  // What is to be deleted is recorded as gone before it is.
  expect(made.next.sessions["app-1"]?.preservedPath).toBe(folders.length === 0 ? "/kept/app-1" : null);
});

test("a day-old wish is forgotten, and what an archived session no longer needs", () => {
  const wish = (hours: number) => ({ at: new Date(NOW - hours * HOUR).toISOString(), sessionIds: [] });
  const bulky = { pr: { checkLogs: { test: "…" } } };
  const state = {
    ...stateOf(old("app-1", bulky), aRecord({ id: "app-2", ...bulky })),
    wishes: { old: wish(25), new: wish(23) },
  };
  const { next } = tidy(state, {}, 0);
  expect(Object.keys(next.wishes)).toEqual(["new"]);
  expect([next.sessions["app-1"]?.pr.checkLogs, next.sessions["app-2"]?.pr.checkLogs]).toEqual([
    {},
    bulky.pr.checkLogs,
  ]);
});
