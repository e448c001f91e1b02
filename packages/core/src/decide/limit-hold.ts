import type { EventType } from "../model/event.ts";
import type { LimitHold } from "../model/held.ts";
import { isTakenOver, MAX_INTERRUPTS } from "../model/limit-cut.ts";
import { at } from "../model/time.ts";
import { isAsking, isAtRest } from "./activity.ts";
import { dayEnd } from "./day.ts";
import { act, type Draft, isOver as hasPassed, note, patch, wakeAt } from "./draft.ts";
import { isAlive, isOver } from "./facts-of.ts";
import { interruption } from "./left-running.ts";
import {
  configKey,
  granted,
  isNear,
  isOfToday,
  isReached,
  isShared,
  limitName,
  type Meter,
  meterData,
  metersOf,
  unsetMeters,
  usedAmount,
  useOf,
} from "./limits.ts";
import { queueMessage } from "./messages.ts";
import { tell } from "./notify.ts";
import { updateCost } from "./usage.ts";

/** An interrupt that changed nothing is tried again after this long. */
const AGAIN_MS = 30_000;
const KEPT_CAUSES = 40;

const GO_ON = "A limit had stopped you, and it was lifted. Go on where you were.";

/** Holds a session whose limits are reached, and lets it go when they are not any more. Never ends one. */
export function keepLimits(draft: Draft): void {
  updateCost(draft);
  warn(draft);
  const reached = metersOf(draft.record, draft.ctx).filter(isReached);
  if (reached.length === 0 || isOver(draft.record)) {
    release(draft);
    return;
  }
  hold(draft, reached);
  interrupt(draft);
  if (reached.some(isOfToday)) wakeAt(draft, dayEnd(draft.ctx.nowMs, draft.ctx.policy));
}

/** The session's own limits; those that sessions share are told of once for all of them (shared-limits.ts). */
function warn(draft: Draft): void {
  const { record, ctx } = draft;
  const own = (meters: Meter[]) => meters.filter((meter) => !isShared(meter));
  for (const meter of own(metersOf(record, ctx)).filter(isNear)) {
    if (isReached(meter)) continue;
    const message = `${record.id} has used ${useOf(meter)} (${configKey(meter)})`;
    tellOnce(draft, "limit.warning", { meter, message, cause: `near:${meter.id}:${meter.max}` });
  }
  for (const meter of own(unsetMeters(record, ctx)).filter(isReached)) {
    const message = `${record.id} has used ${usedAmount(meter)}; no limit is set (${configKey(meter)})`;
    tellOnce(draft, "limit.warning", { meter, message, cause: "much-used" });
  }
}

interface Notice {
  meter: Meter;
  message: string;
  cause: string;
}

function tellOnce(draft: Draft, type: EventType, { meter, message, cause }: Notice): void {
  const { told: limitTold = [] } = draft.record.limits;
  if (limitTold.includes(cause)) return;
  patch(draft, { limits: { told: [...limitTold, cause].slice(-KEPT_CAUSES) } });
  const event = { type, message, data: meterData(meter) };
  draft.events.push(event);
  tell(draft, event, `limit:${cause}`);
}

function hold(draft: Draft, reached: readonly Meter[]): void {
  const { record } = draft;
  const known = record.limits.hold ?? null;
  const ids = reached.map(({ id }) => id);
  const reason = `${reached.map((meter) => limitName(record, meter)).join(" and ")} is reached`;
  const fresh: LimitHold = { ids, reason, since: draft.now, wasCut: false, interrupts: 0, interruptedAt: null };
  patch(draft, { limits: { hold: known === null ? fresh : { ...known, ids, reason } } });
  for (const meter of reached.filter((each) => !isShared(each))) {
    const message = `${record.id} is paused: ${useOf(meter)} used. Raise ${configKey(meter)}, or \`ao resume ${record.id}\``;
    tellOnce(draft, "limit.reached", { meter, message, cause: `reached:${meter.id}:${meter.ceiling}` });
  }
}

/** By the agent's own interrupt; not what the user began in its terminal in spite of the limit. */
function interrupt(draft: Draft): void {
  const { id, activity } = draft.record;
  const { hold: limit } = draft.record.limits;
  const { last: launch } = draft.record.launch;
  if (limit && activity !== null && isAtRest(activity.state))
    patch(draft, { limits: { hold: { ...limit, interrupts: 0, interruptedAt: null } } });
  if (!limit || activity?.state !== "active" || !isAlive(draft.record) || launch?.isReady !== true) return;
  if (isTakenOver(draft.record)) return;
  if (limit.interruptedAt !== null && !hasPassed(draft, limit.interruptedAt, AGAIN_MS)) return;
  if (limit.interrupts >= MAX_INTERRUPTS) {
    note(draft, "It works on although its limit is reached: it did not stop when it was interrupted.");
    return;
  }
  const what = interruption(draft.record, draft.ctx.nowMs);
  act(draft, { ...what, key: `interrupt:${id}:limit:${draft.now}`, isGentle: true });
  patch(draft, {
    limits: { hold: { ...limit, wasCut: true, interrupts: limit.interrupts + 1, interruptedAt: draft.now } },
  });
}

/** What was cut short goes on; nothing is said where nothing was cut, the user has taken over, or an answer is what it waits for. */
function release(draft: Draft): void {
  const { record } = draft;
  const { hold: limit } = record.limits;
  if (!limit) return;
  patch(draft, { limits: { hold: null } });
  if (isOver(record)) return;
  draft.events.push({
    type: "limit.lifted",
    message: `${record.id} goes on: ${limit.reason.replace(/ is reached$/, "")} was lifted`,
    data: { reason: limit.reason, since: limit.since, granted: record.limits.granted ?? {} },
  });
  if (!limit.wasCut || isTakenOver(record) || isAsking(record.activity?.state) || !isAlive(record)) return;
  const id = `${record.id}-go-on-${at(limit.since)}`;
  queueMessage(draft, { id, text: GO_ON, isUrgent: false, origin: "system", reaction: null }, draft.now);
}

/** `ao resume`: a quarter of each limit that is reached, on top of what is used. */
export function applyGrant(draft: Draft): void {
  if (!draft.record.limits.hold) return;
  const reached = metersOf(draft.record, draft.ctx).filter(isReached);
  patch(draft, { limits: { granted: granted(draft.record, reached, draft.ctx) } });
}

/** Whether somebody else's spending, or a new day, changes what holds this session. */
export function isHeldOtherwise({ record, ctx }: Pick<Draft, "record" | "ctx">): boolean {
  if (isOver(record)) return false;
  const ids = metersOf(record, ctx)
    .filter(isReached)
    .map(({ id }) => id);
  return ids.join() !== (record.limits.hold?.ids ?? []).join();
}
