import { aContext, aRecord, iso } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import type { Predecessor } from "../model/predecessor.ts";
import { type RecordChanges, withChanges } from "../model/record-changes.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { emptyState } from "../store/fold.ts";
import { decide } from "./decide.ts";
import { refusalOfCircles, waitOf } from "./predecessors.ts";
import { admit } from "./queue.ts";

const after = (of: { session?: string; issue?: string }, more: Partial<Predecessor> = {}): Predecessor => ({
  session: of.session ?? null,
  issue: of.issue ?? null,
  by: "user",
  metAt: null,
  ...more,
});
const task = (issue: string) => ({ issue: { id: issue, title: "T", url: "" }, prompt: null });
const ended = (status: "merged" | "done" | "killed" | "errored"): RecordChanges => ({
  phase: "ended",
  status,
  ending: { status, by: "user", reason: "it broke", at: iso(5) },
});
const stateOf = (...sessions: SessionRecord[]): State => ({
  ...emptyState(),
  sessions: Object.fromEntries(sessions.map((session) => [session.id, session])),
});
const running = (id: string, issue = id, changes: RecordChanges = {}) =>
  aRecord({ id, task: task(issue), phase: "running", status: "working", ...changes });
const waiting = (id: string, ...predecessors: Predecessor[]) =>
  aRecord({ id, task: task(id.replace("app-", "")), after: predecessors });
const NO_LIMITS = { max: null, perInstance: {}, perProject: {} };

test("a session waits for a running one, and starts when that is merged or done", () => {
  const next = waiting("app-2", after({ session: "app-1" }));
  expect(admit(stateOf(running("app-1"), next), NO_LIMITS)).toMatchObject({
    start: [],
    waiting: [{ id: "app-2", reason: "waits for app-1 to be merged or done" }],
  });
  for (const status of ["merged", "done"] as const) {
    const { start, met } = admit(stateOf(running("app-1", "1", ended(status)), next), NO_LIMITS);
    expect([start, met]).toEqual([["app-2"], [{ id: "app-2", of: { session: "app-1", issue: null } }]]);
  }
});

test("what was once met stays met, and only the others are waited for", () => {
  const next = waiting("app-3", after({ session: "app-1" }, { metAt: iso(3) }), after({ session: "app-2" }));
  const state = stateOf(running("app-1"), running("app-2"), next);
  expect(waitOf(state, next).reason).toBe("waits for app-2 to be merged or done");
});

test("an issue is waited for through its session, through a later one of it, or until it is closed", () => {
  const next = waiting("app-9", after({ issue: "41" }));
  expect(waitOf(stateOf(next), next)).toEqual({
    met: [],
    reason: "waits for issue 41 to be closed, or a session of it to be done",
    lost: null,
  });
  const live = running("app-1", "41");
  expect(waitOf(stateOf(live, next), next).reason).toBe("waits for app-1 (issue 41) to be merged or done");
  const killed = withChanges(live, ended("killed"));
  const again = running("app-2", "41", { createdAt: iso(9) });
  expect(waitOf(stateOf(killed, again, next), next)).toMatchObject({
    reason: "waits for app-2 (issue 41) to be merged or done",
    lost: null,
  });
  expect(waitOf(stateOf(killed, withChanges(again, ended("merged")), next), next).reason).toBeNull();
  // The number is another issue in another project.
  const elsewhere = running("api-1", "41", { ...ended("merged"), projectId: "api" });
  expect(waitOf(stateOf(elsewhere, next), next).reason).toContain("issue 41 to be closed");
});

test("an issue that blocks another one on the tracker is named as such, and what the tracker cannot tell is said", () => {
  const one = after({ issue: "41" }, { by: "tracker", problem: "GitHub does not answer" });
  const next = waiting("app-9", one);
  expect(waitOf(stateOf(next), next).reason).toBe(
    "waits for issue 41, which blocks it, to be closed, or a session of it to be done (the tracker cannot tell: GitHub does not answer)",
  );
  expect(waitOf(stateOf(running("app-1", "41"), next), next).reason).toBe(
    "waits for app-1 (issue 41, which blocks it) to be merged or done",
  );
});

test.each([
  ["killed", "waits for app-1, which was killed", "ao restore app-1, or ao resume app-2"],
  ["errored", "waits for app-1, which failed: it broke", "ao restore app-1, or ao resume app-2"],
] as const)("of one that is %s the user is told once, and the session goes on waiting", (status, reason, hint) => {
  const state = stateOf(running("app-1", "1", ended(status)), waiting("app-2", after({ session: "app-1" })));
  const [found] = admit(state, NO_LIMITS).waiting;
  expect(found).toMatchObject({ id: "app-2", reason, lost: { reason, hint } });
  const facts = [{ kind: "waiting" as const, at: iso(6), reason, lost: found?.lost ?? null }];
  const first = decide(state.sessions["app-2"] as SessionRecord, facts, aContext(6));
  expect(first.next).toMatchObject({ status: "queued", queuedFor: reason, attention: { level: "action", hint } });
  expect(first.actions.map(({ kind }) => kind)).toEqual(["notify"]);
  const again = decide(first.next, facts, aContext(7));
  expect([again.actions, again.events]).toEqual([[], []]);
});

test("one that is brought back is waited for as before, and one that was removed for good is told of", () => {
  const next = waiting("app-2", after({ session: "app-1" }));
  const lost = decide(
    next,
    [{ kind: "waiting", at: iso(1), reason: "x", lost: { reason: "x", hint: "y", cause: "z" } }],
    aContext(1),
  );
  const back = decide(lost.next, [{ kind: "waiting", at: iso(2), reason: "waits for app-1" }], aContext(2));
  expect(back.next.attention).toBeNull();
  expect(waitOf(stateOf(next), next)).toMatchObject({
    reason: "waits for app-1, which is gone",
    lost: { hint: "ao resume app-2" },
  });
});

test("an issue that is gone from the tracker is told of", () => {
  const next = waiting("app-2", after({ issue: "41" }, { isGone: true, problem: "no issue 41" }));
  expect(waitOf(stateOf(next), next)).toMatchObject({
    reason: "waits for issue 41, which is gone (no issue 41)",
    lost: { hint: "ao resume app-2" },
  });
});

test("a killed session whose pull request was merged all the same counts as merged", () => {
  const killed = running("app-1", "1", {
    ...ended("killed"),
    pr: { snapshot: { state: "merged" } as SessionRecord["pr"]["snapshot"] },
  });
  expect(waitOf(stateOf(killed, waiting("app-2")), waiting("app-2", after({ session: "app-1" }))).reason).toBeNull();
});

test("facts: a closed issue is no longer waited for, and a wish ends all waiting", () => {
  const next = waiting("app-2", after({ issue: "41" }), after({ session: "app-1" }));
  const unsure = {
    kind: "issue-seen" as const,
    at: iso(1),
    issue: "41",
    isClosed: false,
    isGone: false,
    problem: "no answer",
  };
  const one = decide(next, [unsure], aContext(1)).next;
  expect(one.after?.[0]).toMatchObject({ metAt: null, problem: "no answer" });
  const two = decide(one, [{ ...unsure, at: iso(2), isClosed: true, problem: null }], aContext(2)).next;
  expect(two.after?.map(({ metAt }) => metAt)).toEqual([iso(2), null]);
  const three = decide(two, [{ kind: "wish-not-wait", at: iso(3) }], aContext(3)).next;
  expect(three.after?.map(({ metAt }) => metAt)).toEqual([iso(2), iso(3)]);
});

const refusal = (state: State, ...ids: string[]): string => refusalOfCircles(state, ids)?.message ?? "";

test("a circle is refused with the way around it, through issues as well", () => {
  const first = waiting("app-41", after({ issue: "42" }));
  const middle = waiting("app-42", after({ session: "app-7" }));
  const last = waiting("app-7", after({ issue: "41" }));
  expect(refusal(stateOf(first, middle), "app-42")).toBe("");
  expect(refusal(stateOf(first, middle, last), "app-7")).toBe(
    "issue 7 would wait for itself: issue 7 → app-41 (issue 41) → app-42 (issue 42) → issue 7",
  );
  expect(refusal(stateOf(waiting("app-41", after({ issue: "41" }))), "app-41")).toContain("would wait for itself");
  // What has ended waits for nobody.
  expect(
    refusal(stateOf(withChanges(first, ended("killed")), waiting("app-42", after({ issue: "41" }))), "app-42"),
  ).toBe("");
});

test("a circle that a restore closes is told of, since nothing in it can ever start", () => {
  const state = stateOf(waiting("app-41", after({ issue: "42" })), waiting("app-42", after({ issue: "41" })));
  expect(waitOf(state, state.sessions["app-41"] as SessionRecord)).toMatchObject({
    reason: "waits for itself: app-41 (issue 41) → app-42 (issue 42) → app-41 (issue 41)",
    lost: { hint: "ao resume app-41" },
  });
});
