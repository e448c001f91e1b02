import type { EventDraft } from "../model/event.ts";
import type { DecideContext } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import {
  configKey,
  isNear,
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
import { plural } from "./text.ts";

/** What sessions use together, told once for all of them, by the session that used the last of it. */
export interface SharedNotice {
  event: EventDraft;
  cause: string;
}

/** Sessions named in one line. */
const NAMED = 5;

export function sharedNotices(state: State, spender: SessionRecord, ctx: DecideContext): SharedNotice[] {
  const meters = metersOf(spender, ctx).filter(isShared);
  const unset = unsetMeters(spender, ctx).filter(isShared);
  return [
    ...meters.filter((meter) => isReached(meter)).map((meter) => reachedNotice(state, spender, meter)),
    ...meters.filter((meter) => isNear(meter) && !isReached(meter)).map((meter) => nearNotice(spender, meter)),
    ...unset.filter(isReached).map((meter) => unsetNotice(meter)),
  ];
}

/** Of which limit, whose it is, and how high it was. */
function causeOf({ instanceId, projectId }: SessionRecord, { id, scope, ceiling }: Meter): string {
  const whose = scope === "project" ? `${instanceId}-${projectId}:` : scope === "day" ? `${instanceId}:` : "";
  return `${whose}${id}:${ceiling}`;
}

function reachedNotice(state: State, spender: SessionRecord, meter: Meter): SharedNotice {
  const held = Object.values(state.sessions)
    .filter(({ limits: { hold: limit } }) => limit?.ids.includes(meter.id) === true)
    .map(({ id }) => id);
  const named = held.length > NAMED ? `${held.slice(0, NAMED).join(", ")}, …` : held.join(", ");
  const who = held.length === 0 ? "" : `: ${plural(held.length, "session is", "sessions are")} paused (${named})`;
  const message = `${limitName(spender, meter)} is reached${who}. Raise ${configKey(meter)}, or \`ao resume\``;
  const data = { ...meterData(meter), sessions: held };
  return { event: { type: "limit.reached", message, data }, cause: `reached:${causeOf(spender, meter)}` };
}

function nearNotice(spender: SessionRecord, meter: Meter): SharedNotice {
  const message = `${limitName(spender, meter)} is almost used up: ${useOf(meter)} (${configKey(meter)})`;
  const cause = `near:${causeOf(spender, meter)}`;
  return { event: { type: "limit.warning", message, data: meterData(meter) }, cause };
}

function unsetNotice(meter: Meter): SharedNotice {
  const message = `${usedAmount(meter)} were used today; no limit is set (${configKey(meter)})`;
  return { event: { type: "limit.warning", message, data: meterData(meter) }, cause: `much-used:${meter.id}` };
}
