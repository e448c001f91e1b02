import { decide } from "../decide/decide.ts";
import { admit, allComplete, isAnyRunning, type QueueLimits } from "../decide/queue.ts";
import type { Action } from "../model/action.ts";
import type { SessionFact } from "../model/fact.ts";
import type { Policy } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import type { OpenIntent, State } from "../model/state.ts";
import { toIso } from "../model/time.ts";
import type { SessionEvent } from "./mailbox.ts";

/** One round of decisions as data: nothing has happened yet. */
export interface Plan {
  next: State;
  events: SessionEvent[];
  actions: { sessionId: string; action: Action }[];
  /** When each decided session wants to be looked at again, by time alone. */
  wakeAt: Map<string, number | null>;
}

export interface StepContext {
  nowMs: number;
  policy(record: SessionRecord, state: State): Policy;
  watchedSince(sessionId: string): number;
  limits(state: State): QueueLimits;
}

export interface StepInput {
  facts: ReadonlyMap<string, readonly SessionFact[]>;
  done: ReadonlySet<string>;
  due: ReadonlySet<string>;
}

/** facts → decide → plan, for all sessions that were touched, then for the queue. Pure. */
export function planStep(state: State, input: StepInput, ctx: StepContext): Plan {
  const plan: Plan = { next: strikeOut(state, input.done), events: [], actions: [], wakeAt: new Map() };
  const touched = new Set([...input.facts.keys(), ...input.due]);
  for (const id of touched) decideOne(plan, { id, facts: input.facts.get(id) ?? [] }, ctx);
  if (touched.size > 0) decideQueue(plan, ctx);
  return plan;
}

function strikeOut(state: State, done: ReadonlySet<string>): State {
  if (![...done].some((key) => key in state.intents)) return state;
  const intents = Object.fromEntries(Object.entries(state.intents).filter(([key]) => !done.has(key)));
  return { ...state, intents };
}

function decideOne(plan: Plan, subject: { id: string; facts: readonly SessionFact[] }, ctx: StepContext): void {
  const record = plan.next.sessions[subject.id];
  if (record === undefined) return;
  const decision = decide(record, subject.facts, {
    policy: ctx.policy(record, plan.next),
    nowMs: ctx.nowMs,
    watchedSinceMs: ctx.watchedSince(subject.id),
  });
  if (decision.next !== record) {
    plan.next = { ...plan.next, sessions: { ...plan.next.sessions, [subject.id]: decision.next } };
  }
  for (const draft of decision.events) {
    plan.events.push({ sessionId: record.id, projectId: record.projectId, draft });
  }
  for (const action of decision.actions) addIntent(plan, { sessionId: record.id, action, nowMs: ctx.nowMs });
  plan.wakeAt.set(subject.id, decision.wakeAtMs);
}

function addIntent(
  plan: Plan,
  { sessionId, action, nowMs }: { sessionId: string; action: Action; nowMs: number },
): void {
  if (action.key in plan.next.intents) return;
  const intent: OpenIntent = { key: action.key, sessionId, action, at: toIso(nowMs) };
  plan.next = { ...plan.next, intents: { ...plan.next.intents, [action.key]: intent } };
  plan.actions.push({ sessionId, action });
}

/** Starts what there is room for, and tells the others why they wait. */
function decideQueue(plan: Plan, ctx: StepContext): void {
  const at = toIso(ctx.nowMs);
  const admission = admit(plan.next, ctx.limits(plan.next));
  for (const id of admission.start) decideOne(plan, { id, facts: [{ at, kind: "admitted" }] }, ctx);
  for (const { id, reason } of admission.waiting) {
    if (plan.next.sessions[id]?.queuedFor === reason) continue;
    decideOne(plan, { id, facts: [{ at, kind: "waiting", reason }] }, ctx);
  }
  const summary = allComplete(plan.next);
  if (summary === null) {
    if (plan.next.isAllCompleteTold && isAnyRunning(plan.next)) plan.next = { ...plan.next, isAllCompleteTold: false };
    return;
  }
  plan.next = { ...plan.next, isAllCompleteTold: true };
  plan.events.push({ sessionId: null, projectId: null, draft: summary });
}
