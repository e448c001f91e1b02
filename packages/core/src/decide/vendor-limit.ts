import type { Activity } from "../model/activity.ts";
import type { SessionRecord } from "../model/session.ts";
import { at, formatDuration, type Iso, toIso } from "../model/time.ts";
import { updateActivity } from "./activity.ts";
import { agentsCause } from "./causes.ts";
import { clockTime } from "./day.ts";
import { type Draft, isOver as hasPassed, patch } from "./draft.ts";
import { isAlive, isOver } from "./facts-of.ts";
import { isUnsent, queueMessage, unsettled } from "./messages.ts";
import { tell } from "./notify.ts";

/** The vendor's clock and ours differ: it is not asked in the same second. */
const GRACE_MS = 30_000;
/** Sessions that tell of the same limit name its end a little differently. */
const GRAIN_MS = 30 * 60_000;

const GO_ON = "The usage limit is over; go on.";

export const isLimited = ({ activity }: Pick<SessionRecord, "activity">): boolean => activity?.state === "limited";

/** When it ends; null: nobody knows. A time before the limit was met is no such time. */
function resetOf({ limit, since }: Activity): Iso | null {
  const resetsAt = limit?.resetsAt ?? null;
  return resetsAt === null || at(resetsAt) <= at(since) ? null : resetsAt;
}

/** A usage limit of the agent's vendor: told once, waited for, and taken to be over at its time. */
export function watchVendorLimit(draft: Draft): void {
  const { record } = draft;
  const { activity } = record;
  const known = record.vendorLimit ?? null;
  if (activity?.state !== "limited") {
    // It shows life: whatever was said of its end, it is over.
    if (known !== null && !known.isOver && activity !== null) patch(draft, { vendorLimit: { ...known, isOver: true } });
    return;
  }
  const resetsAt = resetOf(activity);
  if (resetsAt !== null && hasPassed(draft, resetsAt, GRACE_MS)) {
    lapse(draft, resetsAt);
    return;
  }
  const isKnown = known !== null && !known.isOver && known.resetsAt === resetsAt;
  if (isKnown) return;
  patch(draft, { vendorLimit: { resetsAt, since: activity.since, isOver: false } });
  if (known === null || known.isOver || isOther(known.resetsAt, resetsAt)) tellOfLimit(draft, resetsAt);
}

const isOther = (before: Iso | null, now: Iso | null): boolean =>
  before === null || now === null || Math.abs(at(before) - at(now)) > GRAIN_MS;

/** `usage limit of claude-code until 14:05` */
export function describeLimit(record: SessionRecord, ctx: Draft["ctx"]): string {
  const resetsAt = record.activity === null ? null : resetOf(record.activity);
  if (resetsAt === null) return `usage limit of ${record.agent}, nobody knows until when`;
  return `usage limit of ${record.agent} until ${clockTime(at(resetsAt), ctx.nowMs, ctx.policy)}`;
}

export const handoffHint = ({ id }: Pick<SessionRecord, "id">): string => `ao handoff ${id} --agent …`;

function tellOfLimit(draft: Draft, resetsAt: Iso | null): void {
  const { record, ctx } = draft;
  const { id, agent, activity } = record;
  const inWhile = resetsAt === null ? "" : ` (in ${formatDuration(at(resetsAt) - ctx.nowMs)})`;
  const after = record.agentOptions.resumeAfterLimit === true ? "; it goes on by itself then" : "";
  const event = {
    type: "agent.limited" as const,
    message: `${id} waits: ${describeLimit(record, ctx)}${inWhile}${after}. Or go on with another agent: \`${handoffHint(record)}\``,
    data: { agent, resetsAt, evidence: activity?.evidence ?? "", handoff: handoffHint(record) },
  };
  draft.events.push(event);
  // The same limit stops every session of that agent: the human hears of it once.
  const when = Math.round((resetsAt === null ? ctx.nowMs : at(resetsAt)) / GRAIN_MS) * GRAIN_MS;
  tell(draft, event, agentsCause(agent, `limited:${resetsAt === null ? "since" : "until"}:${toIso(when)}`));
}

/** Its time has come. Whoever said "limited" meant until now. */
function lapse(draft: Draft, resetsAt: Iso): void {
  const { record } = draft;
  const known = record.vendorLimit ?? null;
  const claims = Object.entries(record.claims ?? {}).map(([source, each]) => {
    if (each?.state !== "limited") return [source, each] as const;
    const evidence = `its usage limit was to end at ${resetsAt}`;
    return [source, { ...each, state: "ready", since: draft.now, evidence, limit: undefined }] as const;
  });
  patch(draft, {
    claims: Object.fromEntries(claims) as NonNullable<SessionRecord["claims"]>,
    vendorLimit: { resetsAt, since: known?.since ?? draft.now, isOver: true },
  });
  updateActivity(draft);
  if (known?.isOver === true && known.resetsAt === resetsAt) return;
  if (!isOver(record) && isAlive(record)) goOn(draft, resetsAt);
}

/** By its own configured wish, by a message that waits for it, or by the human. */
function goOn(draft: Draft, resetsAt: Iso): void {
  const { record } = draft;
  const { id, agent } = record;
  const isToResume = record.agentOptions.resumeAfterLimit === true;
  const isAsked = isToResume || unsettled(record).some(isUnsent);
  const event = {
    type: "agent.limit_ended" as const,
    ...(isAsked ? { priority: "info" as const } : {}),
    message: isAsked
      ? `${id} goes on: the usage limit of ${agent} should be over`
      : `${id} can go on: the usage limit of ${agent} should be over. \`ao send ${id} "go on"\``,
    data: { agent, resetsAt, isResumed: isToResume },
  };
  draft.events.push(event);
  tell(draft, event, `limit-ended:${resetsAt}`);
  if (!isToResume) return;
  const message = { id: `${id}-limit-${at(resetsAt)}`, text: GO_ON, isUrgent: false };
  queueMessage(draft, { ...message, origin: "system", reaction: null }, draft.now);
}
