import type { Action } from "../model/action.ts";
import type { EventDraft, SessionEvent } from "../model/event.ts";
import type { SessionFact } from "../model/fact.ts";
import { projectKey } from "../model/ids.ts";
import { NOTICES } from "../model/notice.ts";
import type { DecideContext, Policy } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import type { OpenIntent, State } from "../model/state.ts";
import { at, toIso } from "../model/time.ts";
import { isOfAgents, isOfRepository } from "./causes.ts";
import { contextOf as contextAt } from "./context.ts";
import { type Decision, decide } from "./decide.ts";
import { isHeldOtherwise } from "./limit-hold.ts";
import { waitsForOther } from "./merge-order.ts";
import { addNotice, decideNotices, formerNotices } from "./notices/in-step.ts";
import { isRouted } from "./notify.ts";
import { admit, allComplete, isAnyRunning, type QueueLimits } from "./queue.ts";
import { same } from "./same.ts";
import { sharedNotices } from "./shared-limits.ts";
import { addSpend } from "./spend.ts";
import { mergedBases } from "./stacked.ts";

/** Causes remembered per repository, and for all of them. */
const MAX_TOLD = 200;

export interface Planned {
  sessionId: string;
  action: Action;
}

/** One round of decisions as data: nothing has happened yet. */
export interface Plan {
  next: State;
  events: SessionEvent[];
  actions: Planned[];
  /** When time alone could change each decided session. */
  wakeAt: Map<string, number | null>;
  /** Deciding on these sessions threw. That is a bug, which stops that session and no other. */
  bugs: { sessionId: string; error: unknown }[];
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

/** facts → decide → plan: for all sessions that were touched, then for the queue, then for notifications. Pure. */
export function planStep(state: State, input: StepInput, ctx: StepContext): Plan {
  const plan: Plan = { next: strikeOut(state, input.done), events: [], actions: [], wakeAt: new Map(), bugs: [] };
  const touched = new Set([...input.facts.keys(), ...input.due]);
  for (const id of touched) decideOne(plan, { id, facts: input.facts.get(id) ?? [] }, ctx);
  for (const id of waitingFor(plan.next, [...touched])) decideOne(plan, { id, facts: [] }, ctx);
  if (plan.next.spend !== state.spend) decideSpend(plan, state, ctx);
  if (touched.size > 0) {
    decideQueue(plan, ctx);
    for (const { id, fact } of mergedBases(plan.next, (record) => ctx.policy(record, plan.next).isRemote)) {
      decideOne(plan, { id, facts: [{ at: toIso(ctx.nowMs), ...fact }] }, ctx);
    }
    forgetWhatIsOver(plan);
  }
  const former = formerNotices(plan.next);
  plan.next = strikeOut(plan.next, new Set(former.map(({ action }) => action.key)));
  for (const one of [...former, ...plan.actions.splice(0).filter((each) => isNews(plan, each))]) {
    const { sessionId, action } = one;
    if (action.kind === "notify") addNotice(plan, { sessionId, ...action }, ctx.nowMs);
    else addIntent(plan, one, ctx.nowMs);
  }
  for (const action of decideNotices(plan, input, ctx)) addIntent(plan, { sessionId: NOTICES, action }, ctx.nowMs);
  return plan;
}

/** Sessions whose turn it may be now, because something happened to one with the same base. */
function waitingFor({ sessions }: State, touched: readonly string[]): string[] {
  const waiting = Object.values(sessions).filter((record) => !touched.includes(record.id) && waitsForOther(record));
  return waiting
    .filter((record) =>
      touched.some((id) => sessions[id]?.pr.snapshot?.info.baseBranch === record.pr.snapshot?.info.baseBranch),
    )
    .map(({ id }) => id);
}

/** Usage counts for other sessions too. A shared limit is announced once, and holds all of them. */
function decideSpend(plan: Plan, before: State, ctx: StepContext): void {
  for (const record of Object.values(plan.next.sessions)) {
    if (isHeldOtherwise({ record, ctx: contextOf(plan.next, record, ctx) })) {
      decideOne(plan, { id: record.id, facts: [] }, ctx);
    }
  }
  for (const {
    id,
    usage: { reports: usage },
  } of Object.values(plan.next.sessions)) {
    const record = plan.next.sessions[id];
    if (record !== undefined && usage !== before.sessions[id]?.usage.reports) tellShared(plan, record, ctx);
  }
}

function tellShared(plan: Plan, spender: SessionRecord, ctx: StepContext): void {
  const context = contextOf(plan.next, spender, ctx);
  for (const { event, cause } of sharedNotices(plan.next, spender, context)) {
    if (!rememberTold(plan, cause)) continue;
    plan.events.push({ sessionId: null, projectId: spender.projectId, draft: event });
    if (!isRouted({ ctx: context }, event)) continue;
    const notification = { event, cause, settleMs: 0, whileStatus: null };
    plan.actions.push({
      sessionId: spender.id,
      action: { kind: "notify", key: `notify:limit:${cause}`, notification },
    });
  }
}

/** Remembers a cause for everything. False if it was reported before. */
function rememberTold(plan: Plan, cause: string): boolean {
  const { told = [] } = plan.next;
  if (told.includes(cause)) return false;
  plan.next = { ...plan.next, told: [...told, cause].slice(-MAX_TOLD) };
  return true;
}

/** A notification for a whole repository, or for all sessions of an agent, is sent once, whichever session finds it. Remembers it. */
function isNews(plan: Plan, { sessionId, action }: Planned): boolean {
  if (action.kind !== "notify") return true;
  if (isOfAgents(action.notification.cause)) return rememberTold(plan, action.notification.cause);
  if (!isOfRepository(action.notification.cause)) return true;
  const record = plan.next.sessions[sessionId];
  const key = record === undefined ? "" : projectKey(record.instanceId, record.projectId);
  const project = plan.next.projects[key];
  if (project === undefined) return true;
  const { cause } = action.notification;
  if (project.told.includes(cause)) return false;
  const told = [...project.told, cause].slice(-MAX_TOLD);
  plan.next = { ...plan.next, projects: { ...plan.next.projects, [key]: { ...project, told } } };
  return true;
}

/** What was told for a whole repository is news again once no session of it has that problem any more. */
function forgetWhatIsOver(plan: Plan): void {
  for (const [key, project] of Object.entries(plan.next.projects)) {
    if (!project.told.some(isOfRepository)) continue;
    const lasting = new Set(
      Object.values(plan.next.sessions)
        .filter((record) => record.phase !== "archived" && projectKey(record.instanceId, record.projectId) === key)
        .flatMap(({ episodes }) => Object.values(episodes).map((episode) => episode?.cause)),
    );
    const told = project.told.filter((cause) => !isOfRepository(cause) || lasting.has(cause));
    if (told.length === project.told.length) continue;
    plan.next = { ...plan.next, projects: { ...plan.next.projects, [key]: { ...project, told } } };
  }
}

function strikeOut(state: State, done: ReadonlySet<string>): State {
  if (![...done].some((key) => key in state.intents)) return state;
  const intents = Object.fromEntries(Object.entries(state.intents).filter(([key]) => !done.has(key)));
  return { ...state, intents };
}

function decideOne(plan: Plan, subject: { id: string; facts: readonly SessionFact[] }, ctx: StepContext): void {
  const record = plan.next.sessions[subject.id];
  if (record === undefined) return;
  const decision = decideSafely(plan, record, { facts: subject.facts, ctx });
  if (decision === null) return;
  if (decision.next !== record) {
    plan.next = { ...plan.next, sessions: { ...plan.next.sessions, [subject.id]: decision.next } };
    plan.next = addSpend(plan.next, record, decision.next);
  }
  for (const draft of decision.events) {
    plan.events.push({ sessionId: record.id, projectId: record.projectId, draft });
  }
  plan.actions.push(...decision.actions.map((action) => ({ sessionId: record.id, action })));
  plan.wakeAt.set(subject.id, decision.wakeAtMs);
}

function decideSafely(
  plan: Plan,
  record: SessionRecord,
  { facts, ctx }: { facts: readonly SessionFact[]; ctx: StepContext },
): Decision | null {
  try {
    return decide(record, facts, contextOf(plan.next, record, ctx));
  } catch (error) {
    plan.bugs.push({ sessionId: record.id, error });
    return null;
  }
}

function contextOf(state: State, record: SessionRecord, ctx: StepContext): DecideContext {
  const moment = { policy: ctx.policy(record, state), nowMs: ctx.nowMs, watchedSinceMs: ctx.watchedSince(record.id) };
  return contextAt(state, record, moment);
}

function addIntent(plan: Plan, { sessionId, action }: Planned, nowMs: number): void {
  if (action.key in plan.next.intents) return;
  const intent: OpenIntent = { key: action.key, sessionId, action, at: toIso(nowMs) };
  plan.next = { ...plan.next, intents: { ...plan.next.intents, [action.key]: intent } };
  plan.actions.push({ sessionId, action });
}

/** Starts as many sessions as there is room for, and records why the others wait. */
function decideQueue(plan: Plan, ctx: StepContext): void {
  const at = toIso(ctx.nowMs);
  const admission = admit(plan.next, ctx.limits(plan.next));
  for (const { id, of } of admission.met) decideOne(plan, { id, facts: [{ at, kind: "predecessor-met", of }] }, ctx);
  for (const id of admission.start) decideOne(plan, { id, facts: [{ at, kind: "admitted" }] }, ctx);
  for (const { id, reason, lost = null } of admission.waiting) {
    const record = plan.next.sessions[id];
    if (record?.queuedFor === reason && same(record.afterLost ?? null, lost)) continue;
    decideOne(plan, { id, facts: [{ at, kind: "waiting", reason, lost }] }, ctx);
  }
  const summary = allComplete(plan.next);
  if (summary === null) {
    if (plan.next.isAllCompleteTold && isAnyRunning(plan.next)) plan.next = { ...plan.next, isAllCompleteTold: false };
    return;
  }
  plan.next = { ...plan.next, isAllCompleteTold: true };
  plan.events.push({ sessionId: null, projectId: null, draft: summary });
  tellAllComplete(plan, summary, ctx);
}

/** Uses the rules of the session that ended last: its project's config says who is notified. */
function tellAllComplete(plan: Plan, summary: EventDraft, ctx: StepContext): void {
  const last = Object.values(plan.next.sessions).sort((a, b) => at(b.statusSince) - at(a.statusSince))[0];
  if (last === undefined) return;
  const reaction = ctx.policy(last, plan.next).reactions["all-complete"];
  if (!reaction.auto) return;
  const event = reaction.priority === null ? summary : { ...summary, priority: reaction.priority };
  const key = `notify:all-complete:${plan.next.seq}`;
  const notification = { event, cause: key, settleMs: 0, whileStatus: null };
  plan.actions.push({ sessionId: last.id, action: { kind: "notify", key, notification } });
}
