import { type Decision, decide } from "@agent-orchestrator/core/decide/decide";
import type { Action } from "@agent-orchestrator/core/model/action";
import type { EventDraft } from "@agent-orchestrator/core/model/event";
import type { SessionFact } from "@agent-orchestrator/core/model/fact";
import type { DecideContext, Policy } from "@agent-orchestrator/core/model/policy";
import type { RecordChanges } from "@agent-orchestrator/core/model/record-changes";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { aContext, aRecord, iso, startFacts, T0 } from "./records.ts";

type WithoutTime<T> = T extends { at: string } ? Omit<T, "at"> : never;
/** A fact as tests write it. Its time is that of the step. */
export type TestFact = WithoutTime<SessionFact>;

/** One session's life as a sequence of decisions. Every fact has the time of its step, in ms after the start. */
export interface Play {
  record: SessionRecord;
  context: DecideContext;
  events: EventDraft[];
  actions: Action[];
  last: Decision;
  at(ms: number, ...facts: TestFact[]): Play;
  /** Decides at every time that a decision requested, up to `ms`. */
  until(ms: number): Play;
  types(): string[];
  did(kind: Action["kind"]): Action[];
}

export function play(policy: Partial<Policy> = {}, record: RecordChanges = {}): Play {
  const start = aRecord(record);
  const self: Play = {
    record: start,
    context: aContext(0, policy),
    events: [],
    actions: [],
    last: { next: start, events: [], actions: [], wakeAtMs: null },
    at(ms, ...facts) {
      self.context = { ...self.context, nowMs: T0 + ms };
      const timed = facts.map((fact) => ({ ...fact, at: iso(ms) }) as SessionFact);
      self.last = decide(self.record, timed, self.context);
      self.record = self.last.next;
      self.events.push(...self.last.events);
      self.actions.push(...self.last.actions);
      return self;
    },
    until(ms) {
      for (let due = self.last.wakeAtMs; due !== null && due <= T0 + ms; due = self.last.wakeAtMs) self.at(due - T0);
      return self.at(ms);
    },
    types: () => self.events.map((event) => event.type),
    did: (kind) => self.actions.filter((action) => action.kind === kind),
  };
  return self;
}

/** A session whose agent has been running from the start, working on its first turn. */
export function playRunning(policy: Partial<Policy> = {}, record: RecordChanges = {}): Play {
  const started = play(policy, record);
  const facts = startFacts().map(({ at: _, ...fact }) => fact as TestFact);
  return started.at(0, { kind: "admitted" }).at(0, ...facts);
}

/** The activity of the running launch, as reported by a hook. */
export function activity(state: "active" | "ready" | "idle" | "waiting_input", ms: number, launch = 1): TestFact {
  const base = { state, since: iso(ms), source: "hook" as const, evidence: state };
  const question = state === "waiting_input" ? { question: "May I?" } : {};
  return { kind: "activity", launch, activity: { ...base, ...question } };
}

export const exited = (ms: number, code: number | null, launch = 1): TestFact => ({
  kind: "exited",
  launch,
  exit: { code, signal: null, at: iso(ms), lastOutput: "bye" },
});
