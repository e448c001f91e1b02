import type { Action, Notification } from "../../model/action.ts";
import { NOTICES, type NotifyPolicy } from "../../model/notice.ts";
import type { SessionRecord } from "../../model/session.ts";
import type { State } from "../../model/state.ts";
import { toIso } from "../../model/time.ts";
import { priorityOf } from "../notify.ts";
import type { Plan, Planned, StepContext, StepInput } from "../step.ts";
import { planNotices } from "./plan.ts";

/** An earlier version carried notices out as actions. */
export function formerNotices({ intents }: State): Planned[] {
  const open = Object.values(intents).filter(({ action }) => action.kind === "notify");
  return open.flatMap(({ sessionId, action }) =>
    sessionId === null ? [] : [{ sessionId, action: action as unknown as Action }],
  );
}

/** It is on its way from now on. */
export function addNotice(
  plan: Plan,
  given: { sessionId: string; key: string; notification: Notification },
  nowMs: number,
) {
  const { sessionId, key, notification } = given;
  const record = plan.next.sessions[sessionId];
  if (record === undefined || key in plan.next.notices) return;
  const { event, settleMs, whileStatus } = notification;
  const notice = {
    ...{ key, sessionId, projectId: record.projectId, instanceId: record.instanceId },
    event: { ...event, priority: priorityOf(event) },
    ...{ createdAt: toIso(nowMs), dueAt: toIso(nowMs + settleMs), whileStatus },
    ...{ attentionSince: null, channels: {}, deliveredAt: null, reminders: 0 },
  };
  plan.next = { ...plan.next, notices: { ...plan.next.notices, [key]: notice } };
}

const hasNotices = ({ notices }: State, { facts, due }: StepInput): boolean =>
  Object.keys(notices).length > 0 || facts.has(NOTICES) || due.has(NOTICES);

/** Plans what each channel gets now. Returns the messages. */
export function decideNotices(plan: Plan, input: StepInput, ctx: StepContext): Action[] {
  if (!hasNotices(plan.next, input)) return [];
  const { nowMs } = ctx;
  const facts = input.facts.get(NOTICES) ?? [];
  // One for each config: this runs at every step.
  const policies = new Map<string, NotifyPolicy | null>();
  const policy = (record: SessionRecord) => {
    const known = policies.get(record.instanceId);
    if (known !== undefined) return known;
    const found = ctx.policy(record, plan.next).notify ?? null;
    policies.set(record.instanceId, found);
    return found;
  };
  const found = planNotices(plan.next, facts, { nowMs, watchedSinceMs: ctx.watchedSince(NOTICES), policy });
  const { notices, channels } = plan.next;
  if (!sameMembers(found.notices, notices)) plan.next = { ...plan.next, notices: found.notices };
  if (!sameMembers(found.channels, channels)) plan.next = { ...plan.next, channels: found.channels };
  for (const draft of found.events) {
    const [one, ...others] = draft.data.sessions as string[];
    const sessionId = others.length === 0 ? (one ?? null) : null;
    const projectId = sessionId === null ? null : (plan.next.sessions[sessionId]?.projectId ?? null);
    plan.events.push({ sessionId, projectId, draft });
  }
  plan.wakeAt.set(NOTICES, found.wakes.length === 0 ? null : Math.min(...found.wakes));
  return found.actions;
}

function sameMembers<T>(a: Readonly<Record<string, T>>, b: Readonly<Record<string, T>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
