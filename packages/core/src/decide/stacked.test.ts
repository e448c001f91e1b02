import { activity, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aPolicy, aPr, aRecord } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import { type RecordChanges, withChanges } from "../model/record-changes.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { emptyState } from "../store/fold.ts";
import { mergedBases } from "./stacked.ts";
import { planStep } from "./step.ts";

const SEC = 1000;
const prOf = (branch: string, baseBranch: string, number: number) =>
  aPr({ info: { ...aPr().info, number, branch, baseBranch } });
const running = (changes: RecordChanges) =>
  withChanges(aRecord({ phase: "running", status: "working", workspacePath: "/w" }), changes);
const merged = { ...prOf("feat/1", "main", 1), state: "merged" as const };
const parent = (changes: RecordChanges = {}) =>
  withChanges(running({ id: "app-1", branch: "feat/1", pr: { snapshot: merged } }), changes);
const open = prOf("feat/2", "feat/1", 2);
const child = (changes: RecordChanges = {}) =>
  withChanges(running({ id: "app-2", branch: "feat/2", baseBranch: "feat/1", pr: { snapshot: open } }), changes);
const stateOf = (...sessions: SessionRecord[]): State => ({
  ...emptyState(),
  sessions: Object.fromEntries(sessions.map((one) => [one.id, one])),
});
const found = (...sessions: SessionRecord[]) => mergedBases(stateOf(...sessions), () => true);

test("what is based on a merged session's branch goes over to the base of that one", () => {
  const fact = { kind: "base-merged", from: "feat/1", to: "main", pr: 1 };
  expect(found(parent(), child())).toEqual([{ id: "app-2", fact }]);
  expect(found(parent(), child({ pr: { snapshot: null } }))).toEqual([{ id: "app-2", fact }]);
});

test.each([
  ["whose parent is open", [parent({ pr: { snapshot: prOf("feat/1", "main", 1) } }), child()]],
  [
    "whose parent was closed without a merge",
    [parent({ pr: { snapshot: { ...prOf("feat/1", "main", 1), state: "closed" } } }), child()],
  ],
  ["on a branch that is older than its session", [parent({ useExistingBranch: true }), child()]],
  ["of another project", [parent({ projectId: "api" }), child()]],
  [
    "that was asked for already",
    [parent(), child({ pr: { baseMove: { from: "feat/1", to: "main", pr: 1, asked: "2:main", failure: null } } })],
  ],
  ["that has ended without a pull request", [parent(), child({ pr: { snapshot: null }, phase: "ended" })]],
])("nothing moves for a session %s", (_, sessions) => {
  expect(found(...sessions)).toEqual([]);
});

test("a step asks once, and for a chain one after the other", () => {
  const state = stateOf(
    parent(),
    child(),
    running({ id: "app-3", branch: "feat/3", baseBranch: "feat/2", pr: { snapshot: prOf("feat/3", "feat/2", 3) } }),
  );
  const step = (from: State, isRemote = true) =>
    planStep(
      from,
      { facts: new Map(), done: new Set(), due: new Set(["app-1"]) },
      {
        nowMs: Date.parse("2026-01-01T01:00:00Z"),
        policy: () => aPolicy({ isRemote }),
        watchedSince: () => 0,
        limits: () => ({ max: null, perInstance: {}, perProject: {} }),
      },
    );
  const retargets = (plan: ReturnType<typeof step>) =>
    plan.actions.flatMap(({ sessionId, action }) => (action.kind === "retarget" ? [`${sessionId} ${action.to}`] : []));
  const first = step(state);
  expect(retargets(first)).toEqual(["app-2 main"]);
  expect(retargets(step(first.next))).toEqual([]);
  expect(retargets(step(state, false))).toEqual([]);
});

const moved: TestFact = { kind: "base-merged", from: "feat/1", to: "main", pr: 1 };
function stacked() {
  const run = playRunning({ isRemote: true, openPr: "manual" }, { branch: "feat/2" });
  run.record = { ...run.record, baseBranch: "feat/1" };
  return run.at(1 * SEC, activity("ready", 1 * SEC));
}

test("a session without a pull request builds on the new base from then on, and says so", () => {
  const run = stacked().at(2 * SEC, moved);
  expect(run.record.baseBranch).toBe("main");
  expect(run.record.notes).toContain("It is now based on main: PR 1 (feat/1) was merged.");
  expect(run.did("retarget")).toEqual([]);
});

test("an open pull request follows, with the reason in its note and event; a failure needs the user", () => {
  const run = stacked()
    .at(2 * SEC, { kind: "pr", snapshot: prOf("feat/2", "feat/1", 2) })
    .at(3 * SEC, moved)
    .at(4 * SEC, moved);
  expect(run.did("retarget")).toEqual([{ kind: "retarget", key: "retarget:app-1:2:main", to: "main" }]);
  const failure = { code: "REFUSED" as const, message: "GitHub said no" };
  const failed: TestFact = { kind: "effect-failed", key: "retarget:app-1:2:main", action: "retarget", failure };
  // What may pass is tried again, without a word.
  run.at(4 * SEC, { ...failed, failure: { ...failure, code: "UNREACHABLE" } });
  expect(run.record.attention?.reason ?? "").not.toContain("still based");
  run.until(3 * 60 * SEC);
  expect(run.did("retarget").map(({ key }) => key)).toEqual(["retarget:app-1:2:main", "retarget:app-1:2:main:1"]);
  run.at(200 * SEC, failed);
  expect(run.record.attention?.reason).toBe("PR 2 is still based on feat/1, which was merged: GitHub said no");
  run.at(201 * SEC, { kind: "pr", snapshot: prOf("feat/2", "main", 2) });
  expect(run.record.baseBranch).toBe("main");
  expect(run.record.notes.at(-1)).toBe("PR 2 is now based on main: PR 1 (feat/1) was merged.");
  expect(run.events.findLast(({ type }) => type === "pr.updated")?.message).toBe(
    "app-1: PR 2 is now based on main: PR 1 (feat/1) was merged",
  );
  expect(run.record.attention?.reason ?? "").not.toContain("still based");
});
