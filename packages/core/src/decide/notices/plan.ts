import type { Action } from "../../model/action.ts";
import type { EventDraft } from "../../model/event.ts";
import type { SessionFact } from "../../model/fact.ts";
import type { Notice, NotifyPolicy } from "../../model/notice.ts";
import type { SessionRecord } from "../../model/session.ts";
import type { State } from "../../model/state.ts";
import { at, toIso } from "../../model/time.ts";
import { applyResult } from "./channel.ts";
import { planChannels } from "./send.ts";
import { hasMadeWay, isOver, isTakenUp } from "./taken-up.ts";

export interface NoticeContext {
  nowMs: number;
  /** Since when time counts: the daemon started, or the machine woke up. */
  watchedSinceMs: number;
  /** Null: its config is gone, or names no channels. */
  policy(record: SessionRecord): NotifyPolicy | null;
}

/** What follows for notices. Nothing has happened yet. */
export interface NoticePlan {
  notices: State["notices"];
  channels: State["channels"];
  /** Each says that something was delivered, or never will be. */
  events: EventDraft[];
  actions: Extract<Action, { kind: "tell" }>[];
  wakes: number[];
}

/** Results, then what is due, what is over, what nobody took up, and what each channel gets now. Pure. */
export function planNotices(state: State, facts: readonly SessionFact[], ctx: NoticeContext): NoticePlan {
  const plan: NoticePlan = {
    notices: { ...state.notices },
    channels: { ...state.channels },
    events: [],
    actions: [],
    wakes: [],
  };
  for (const fact of facts) applyResult(plan, fact, ctx.nowMs);
  for (const notice of Object.values(plan.notices)) sendOut(plan, notice, { state, ctx });
  for (const notice of Object.values(plan.notices)) remind(plan, notice, { state, ctx });
  planChannels(plan, { state, ctx });
  for (const notice of Object.values(plan.notices)) endIfDone(plan, notice, state);
  return plan;
}

interface Around {
  state: State;
  ctx: NoticeContext;
}

/** What a session's attention stands for as long as it lasts. Other events have happened, and stay true. */
const LASTING: ReadonlySet<string> = new Set<EventDraft["type"]>([
  "session.stuck",
  "session.needs_input",
  "session.errored",
  "session.exited",
  "session.idle",
  "reaction.escalated",
  "limit.reached",
  "review.pending",
  "merge.ready",
  "attention.needed",
]);

/** Once it is due: dropped if it no longer holds, else on its way to the channels of its priority. */
function sendOut(plan: NoticePlan, notice: Notice, { state, ctx }: Around): void {
  const { key, dueAt, whileStatus, event } = notice;
  if (dueAt === null) return;
  if (at(dueAt) > ctx.nowMs) {
    plan.wakes.push(at(dueAt));
    return;
  }
  const record = state.sessions[notice.sessionId];
  const hasPassed = whileStatus !== null && (record === undefined || !whileStatus.includes(record.status));
  const channels = record === undefined ? [] : (ctx.policy(record)?.channels[event.priority] ?? []);
  if (hasPassed || channels.length === 0 || (record !== undefined && hasMadeWay(notice, record))) {
    delete plan.notices[key];
    return;
  }
  const attentionSince = LASTING.has(event.type) ? (record?.attention?.since ?? null) : null;
  const waiting = Object.fromEntries(channels.map((id) => [id, "waiting" as const]));
  plan.notices[key] = { ...notice, dueAt: null, attentionSince, channels: waiting };
}

/** Once a level, on the channels of that level, in words of its own. */
function remind(plan: NoticePlan, notice: Notice, { state, ctx }: Around): void {
  const { key, reminders, deliveredAt, attentionSince } = notice;
  const record = state.sessions[notice.sessionId];
  if (reminders === null || deliveredAt === null || attentionSince === null || record === undefined) return;
  if (isOver(notice, record) || isTakenUp(notice, record)) return;
  const policy = ctx.policy(record);
  const level = policy?.reminders[reminders];
  if (policy === null || level === undefined) return;
  const dueMs = Math.max(at(deliveredAt), ctx.watchedSinceMs) + level.afterMs;
  if (dueMs > ctx.nowMs) {
    plan.wakes.push(dueMs);
    return;
  }
  const { event } = notice;
  const channels = level.channels ?? policy.channels[event.priority];
  const since = Math.round((ctx.nowMs - at(notice.createdAt)) / 60_000);
  const reminder: Notice = {
    ...notice,
    key: `${key}:reminder-${reminders + 1}`,
    event: { ...event, message: `still waiting after ${since}m: ${event.message}` },
    createdAt: toIso(ctx.nowMs),
    channels: Object.fromEntries(channels.map((id) => [id, "waiting" as const])),
    deliveredAt: null,
    reminders: null,
  };
  plan.notices[reminder.key] = reminder;
  plan.notices[key] = { ...notice, reminders: reminders + 1 };
}

/** Nothing is left to deliver, and nobody will be reminded. */
function endIfDone(plan: NoticePlan, { key }: Notice, { sessions }: State): void {
  const notice = plan.notices[key];
  if (notice === undefined || notice.dueAt !== null) return;
  if (Object.values(notice.channels).includes("waiting")) return;
  if (notice.attentionSince === null || isOver(notice, sessions[notice.sessionId])) delete plan.notices[key];
}
