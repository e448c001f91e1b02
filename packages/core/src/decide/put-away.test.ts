import { expect, it } from "vitest";
import type { RecordChanges } from "../model/record-changes.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { at, toIso } from "../model/time.ts";
import { emptyState } from "../store/fold.ts";
import { sampleSession } from "../store/testing/sample.ts";
import { findSession } from "./find-session.ts";
import { overdueAway } from "./kept-work.ts";
import { bringBack, putAway, STAYS_MS } from "./put-away.ts";

const AT = "2026-01-01T00:00:00.000Z";
const OLD = {
  isArchived: true,
  phase: "archived",
  status: "merged",
  workspacePath: null,
  archivedAt: AT,
} as const satisfies RecordChanges;
const NOW = at(AT) + STAYS_MS + 1;

const stateOf = (...sessions: SessionRecord[]): State => ({
  ...emptyState(),
  sessions: Object.fromEntries(sessions.map((session) => [session.id, session])),
});
const round = { nowMs: NOW, most: 10, isInUse: () => false };
const old = (more: RecordChanges = {}) => sampleSession("app-1", { ...OLD, ...more });
const other = (more: RecordChanges) => sampleSession("app-2", more);
const issueOf = (id: string) => ({ issue: { id, title: "", url: `file:///${id}` }, prompt: null });
const waits = (name: { session?: string; issue?: string }) => ({
  after: [{ session: null, issue: null, by: "user" as const, metAt: null, ...name }],
});

it.each<[string, State, object]>([
  ["it is not archived", stateOf(sampleSession("app-1")), {}],
  ["it was archived a moment ago", stateOf(old({ archivedAt: toIso(NOW - 1000) })), {}],
  ["its kept work is about to be deleted", { ...stateOf(old()), overdueMs: { "app-1": 0 } }, {}],
  ["its folder was left", stateOf(old({ workspacePath: "/tree" })), {}],
  ["it was asked for a moment ago", stateOf(old()), { isInUse: () => true }],
  [
    "an effect is under way",
    {
      ...stateOf(old()),
      intents: { k: { key: "k", sessionId: "app-1", action: { kind: "notify", key: "k" }, at: AT } },
    },
    {},
  ],
  ["a session waits for it", stateOf(old(), other(waits({ session: "app-1" }))), {}],
  ["a session waits for its issue", stateOf(old(), other({ ...waits({ issue: "42" }), task: issueOf("7") })), {}],
  ["a session stands on its branch", stateOf(old(), other({ baseBranch: "feat/app-1" })), {}],
])("a session stays in memory while %s", (_, state, more) => {
  expect(putAway(state, { ...round, ...more })).toBe(state);
});

it.each<[string, SessionRecord]>([
  ["of another project", other({ ...waits({ issue: "42" }), projectId: "web", baseBranch: "feat/app-1" })],
  ["that is archived as well", other({ ...OLD, archivedAt: toIso(NOW), ...waits({ session: "app-1" }) })],
])("a session %s does not keep it there", (_, session) => {
  expect(Object.keys(putAway(stateOf(old(), session), round).archive)).toEqual(["app-1"]);
});

it("takes as many at once as it may, and brings one back as it was", () => {
  const sessions = [1, 2, 3, 4, 5].map((n) => sampleSession(`app-${n}`, { ...OLD, branch: `feat/${n}` }));
  const before = stateOf(...sessions);
  const after = putAway(before, { ...round, most: 3 });
  expect([Object.keys(after.sessions), Object.keys(after.archive)]).toEqual([
    ["app-4", "app-5"],
    ["app-1", "app-2", "app-3"],
  ]);
  const back = bringBack(after, sessions[1] as SessionRecord);
  expect([back.sessions["app-2"], Object.keys(back.archive)]).toEqual([sessions[1], ["app-1", "app-3"]]);
  expect(bringBack(back, old({ id: "app-2" }))).toBe(back);
  expect(bringBack(back, sampleSession("app-9"))).toBe(back);
});

it("work that is kept for a session that was put away is still due one day", () => {
  const since = "2026-01-01T00:00:05.000Z";
  const state = putAway(stateOf(old({ preservedPath: "/kept", statusSince: AT, lastActivityAt: since })), round);
  expect(state.archive["app-1"]?.kept).toEqual({ path: "/kept", since });
  const due = (nowMs: number, keepMs: number | null) => overdueAway(state, { nowMs, keepMsOf: () => keepMs });
  expect([due(at(since) + 101, 100), due(at(since) + 99, 100), due(at(since) + 1e12, null)]).toEqual([
    ["app-1"],
    [],
    [],
  ]);
});

it("a number or branch of one that was put away is still explained", () => {
  const state = putAway(stateOf(old()), round);
  for (const word of ["42", "feat/app-1"]) {
    expect(() => findSession(state, word)).toThrow(
      expect.objectContaining({ code: "NOT_FOUND", hint: expect.stringContaining("app-1 had") }),
    );
  }
  const live = other({ task: issueOf("42") });
  expect(findSession({ ...state, sessions: { [live.id]: live } }, "42")).toBe(live);
});
