import type { Activity } from "../model/activity.ts";
import type { VendorLimit } from "../model/held.ts";
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

/** Where the vendor does not say when it ends, it is tried again after this long, and then as often as this: a try costs nothing. */
const UNKNOWN_MS = 300_000;
const UNKNOWN_AT_MOST_MS = 600_000;
/** A limit that is met again so soon after that is the same one. */
const AGAIN_MS = 15 * 60_000;

const GO_ON = "The usage limit is over; go on.";
const TRY = "The usage limit may be over; go on.";

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
  const known = record.limits.vendor ?? null;
  if (activity?.state !== "limited") {
    // It shows life: whatever was said of its end, it is over.
    if (known?.overAt === null && activity !== null)
      patch(draft, { limits: { vendor: { ...known, overAt: draft.now } } });
    return;
  }
  const resetsAt = resetOf(activity);
  const isDue =
    resetsAt === null
      ? hasPassed(draft, activity.since, waitMsOf(knownLimit(known, activity, resetsAt)))
      : hasPassed(draft, resetsAt, GRACE_MS);
  if (isDue) {
    lapse(draft, activity, resetsAt);
    return;
  }
  if (known?.overAt === null && known.resetsAt === resetsAt) return;
  const same = knownLimit(known, activity, resetsAt);
  const { since, looks } = same ?? { since: activity.since, looks: undefined };
  patch(draft, { limits: { vendor: { resetsAt, since, overAt: null, ...(looks === undefined ? {} : { looks }) } } });
  if (same === null) tellOfLimit(draft, resetsAt);
}

const waitMsOf = (known: VendorLimit | null): number =>
  Math.min(UNKNOWN_MS * 2 ** (known?.looks ?? 0), UNKNOWN_AT_MOST_MS);

const lookAt = ({ limits: { vendor: vendorLimit } }: SessionRecord, activity: Activity): number =>
  at(activity.since) + waitMsOf(knownLimit(vendorLimit ?? null, activity, null));

/** What is known of this limit. null: it is another one. */
function knownLimit(known: VendorLimit | null, activity: Activity, resetsAt: Iso | null): VendorLimit | null {
  if (known === null) return null;
  const isRunning = known.overAt === null && known.resetsAt === resetsAt;
  return isRunning || isSameLimit(known, activity, resetsAt) ? known : null;
}

/** Another word for the limit that is known, or one without an end that was tried again too early. */
function isSameLimit(known: VendorLimit, { since }: Activity, resetsAt: Iso | null): boolean {
  if (known.resetsAt === null || resetsAt === null) {
    return known.resetsAt === resetsAt && known.overAt !== null && at(since) < at(known.overAt) + AGAIN_MS;
  }
  return known.overAt === null && Math.abs(at(known.resetsAt) - at(resetsAt)) <= GRAIN_MS;
}

/** `usage limit of some-agent until 14:05` */
export function describeLimit(record: SessionRecord, ctx: Draft["ctx"]): string {
  const { activity } = record;
  const resetsAt = activity === null ? null : resetOf(activity);
  if (activity === null || resetsAt === null) {
    const again =
      activity === null ? "" : `; tried again at ${clockTime(lookAt(record, activity), ctx.nowMs, ctx.policy)}`;
    return `usage limit of ${record.agent}, which does not say until when${again}`;
  }
  return `usage limit of ${record.agent} until ${clockTime(at(resetsAt), ctx.nowMs, ctx.policy)}`;
}

export const handoffHint = ({ id }: Pick<SessionRecord, "id">): string => `ao handoff ${id} --agent …`;

function tellOfLimit(draft: Draft, resetsAt: Iso | null): void {
  const { record, ctx } = draft;
  const { id, agent, activity } = record;
  const inWhile =
    resetsAt === null ? ` (in ${formatDuration(UNKNOWN_MS)})` : ` (in ${formatDuration(at(resetsAt) - ctx.nowMs)})`;
  const after = record.agentOptions.resumeAfterLimit === true ? "; it goes on by itself then" : "";
  const event = {
    type: "agent.limited" as const,
    message: `${id} waits: ${describeLimit(record, ctx)}${inWhile}${after}. Or go on with another agent: \`${handoffHint(record)}\``,
    data: { agent, resetsAt, evidence: activity?.evidence ?? "", handoff: handoffHint(record) },
  };
  draft.events.push(event);
  // The same limit stops every session of that agent: the user hears of it once.
  const when = Math.round((resetsAt === null ? ctx.nowMs : at(resetsAt)) / GRAIN_MS) * GRAIN_MS;
  tell(draft, event, agentsCause(agent, `limited:${resetsAt === null ? "since" : "until"}:${toIso(when)}`));
}

/** Its time has come. Whoever said "limited" meant until now. */
function lapse(draft: Draft, { since }: Activity, resetsAt: Iso | null): void {
  const { record } = draft;
  const known = record.limits.vendor ?? null;
  const claims = Object.entries(record.claims ?? {}).map(([source, each]) => {
    if (each?.state !== "limited") return [source, each] as const;
    const evidence =
      resetsAt === null
        ? "its vendor does not say when its usage limit ends"
        : `its usage limit was to end at ${clockTime(at(resetsAt), draft.ctx.nowMs, draft.ctx.policy)}`;
    return [source, { ...each, state: "ready", since: draft.now, evidence, limit: undefined }] as const;
  });
  patch(draft, {
    claims: Object.fromEntries(claims) as NonNullable<SessionRecord["claims"]>,
    limits: {
      vendor: {
        resetsAt,
        since: known?.overAt === null ? known.since : since,
        overAt: draft.now,
        ...(resetsAt === null ? { looks: (known?.looks ?? 0) + 1 } : {}),
      },
    },
  });
  updateActivity(draft);
  // A plugin that reads everything again tells of what is over.
  const overAt = known?.resetsAt === resetsAt ? known.overAt : null;
  if (overAt !== null && at(since) <= at(overAt)) return;
  if (!isOver(record) && isAlive(record)) goOn(draft, resetsAt);
}

const isOverText = (agent: string, resetsAt: Iso | null): string =>
  `the usage limit of ${agent} ${resetsAt === null ? "may" : "should"} be over`;

/** By its own configured wish, by a message that waits for it, or by the user. */
function goOn(draft: Draft, resetsAt: Iso | null): void {
  const { record } = draft;
  const { id, agent } = record;
  const isToResume = record.agentOptions.resumeAfterLimit === true;
  const isAsked = isToResume || unsettled(record).some(isUnsent);
  const event = {
    type: "agent.limit_ended" as const,
    ...(isAsked ? { priority: "info" as const } : {}),
    message: isAsked
      ? `${id} goes on: ${isOverText(agent, resetsAt)}`
      : `${id} can go on: ${isOverText(agent, resetsAt)}. \`ao send ${id} "go on"\``,
    data: { agent, resetsAt, isResumed: isToResume },
  };
  draft.events.push(event);
  tell(draft, event, `limit-ended:${isAsked}:${resetsAt ?? record.limits.vendor?.since}`);
  if (!isToResume) return;
  const key = resetsAt === null ? draft.ctx.nowMs : at(resetsAt);
  const message = { id: `${id}-limit-${key}`, text: resetsAt === null ? TRY : GO_ON, isUrgent: false };
  queueMessage(draft, { ...message, origin: "system", reaction: null }, draft.now);
}
