import type { Action } from "../../model/action.ts";
import type { EventDraft } from "../../model/event.ts";
import type { SessionFact } from "../../model/fact.ts";
import type { Notice, NotifyPolicy } from "../../model/notice.ts";
import type { SessionRecord } from "../../model/session.ts";
import type { State } from "../../model/state.ts";
import { at, formatDuration, toIso } from "../../model/time.ts";
import { snoozedUntil } from "../snooze.ts";
import { heldUntil, isStillAsked, rememberedUntil } from "./again.ts";
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
  for (const notice of Object.values(plan.notices)) endIfDone(plan, notice, { state, ctx });
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
  const { key, dueAt, event } = notice;
  if (dueAt === null) return;
  if (at(dueAt) > ctx.nowMs) {
    plan.wakes.push(at(dueAt));
    return;
  }
  const record = state.sessions[notice.sessionId];
  const channels = record === undefined ? [] : (ctx.policy(record)?.channels[event.priority] ?? []);
  if (record === undefined || channels.length === 0 || hasPassed(notice, record)) {
    delete plan.notices[key];
    return;
  }
  const again = heldUntil(notice, Object.values(plan.notices), record);
  if (again !== null && again > ctx.nowMs) {
    plan.notices[key] = { ...notice, dueAt: toIso(again), isAgain: true };
    plan.wakes.push(again);
    return;
  }
  const attentionSince = LASTING.has(event.type) ? (record.attention?.since ?? null) : null;
  const waiting = Object.fromEntries(channels.map((id) => [id, "waiting" as const]));
  plan.notices[key] = { ...notice, dueAt: null, attentionSince, channels: waiting };
}

/** What it says does not hold any more when it is due. */
function hasPassed(notice: Notice, record: SessionRecord): boolean {
  const { whileStatus, isAgain } = notice;
  if (whileStatus !== null && !whileStatus.includes(record.status)) return true;
  if (isAgain === true && (isTakenUp(notice, record) || !isStillAsked(notice, record))) return true;
  return hasMadeWay(notice, record);
}

/** Once a level, on the channels of that level, in words of its own. */
function remind(plan: NoticePlan, notice: Notice, { state, ctx }: Around): void {
  const { key, reminders, deliveredAt, attentionSince } = notice;
  const record = state.sessions[notice.sessionId];
  if (reminders === null || deliveredAt === null || attentionSince === null || record === undefined) return;
  if (isOver(notice, record) || isTakenUp(notice, record)) return;
  const snoozed = snoozedUntil(record, ctx.nowMs);
  if (snoozed !== null) {
    plan.wakes.push(at(snoozed));
    return;
  }
  const policy = ctx.policy(record);
  const level = policy?.reminders[reminders];
  if (policy === null || level === undefined) return;
  const sinceLastMs = level.afterMs - (policy.reminders[reminders - 1]?.afterMs ?? 0);
  const dueMs = Math.max(
    Math.max(at(deliveredAt), ctx.watchedSinceMs) + level.afterMs,
    notice.remindedAt ? at(notice.remindedAt) + sinceLastMs : 0,
  );
  if (dueMs > ctx.nowMs) {
    plan.wakes.push(dueMs);
    return;
  }
  const { event } = notice;
  const channels = level.channels ?? policy.channels[event.priority];
  const waitedMs = ctx.nowMs - at(notice.createdAt);
  const reminder: Notice = {
    ...notice,
    key: `${key}:reminder-${reminders + 1}`,
    event: {
      ...event,
      message: `still waiting after ${formatDuration(waitedMs)}: ${event.message}`,
      data: { ...event.data, waitedMs },
    },
    createdAt: toIso(ctx.nowMs),
    channels: Object.fromEntries(channels.map((id) => [id, "waiting" as const])),
    deliveredAt: null,
    reminders: null,
  };
  plan.notices[reminder.key] = reminder;
  plan.notices[key] = { ...notice, reminders: reminders + 1, remindedAt: reminder.createdAt };
}

/** Nothing is left to deliver, and nobody will be reminded. */
function endIfDone(plan: NoticePlan, { key }: Notice, { state, ctx }: Around): void {
  const notice = plan.notices[key];
  if (notice === undefined || notice.dueAt !== null) return;
  if (Object.values(notice.channels).includes("waiting")) return;
  const record = state.sessions[notice.sessionId];
  if (notice.attentionSince !== null && notice.overAt === undefined && !isOver(notice, record)) return;
  const until = notice.attentionSince === null ? null : rememberedUntil(notice, record, ctx.nowMs);
  if (until === null) {
    delete plan.notices[key];
    return;
  }
  plan.wakes.push(until);
  if (notice.overAt === undefined) plan.notices[key] = { ...notice, overAt: toIso(ctx.nowMs) };
}
