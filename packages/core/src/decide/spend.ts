import { projectKey } from "../model/ids.ts";
import type { Policy, SpentAround } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import type { ProjectSpend, Tally } from "../model/spend.ts";
import type { State } from "../model/state.ts";
import { dayOf } from "./day.ts";
import { addTallies } from "./tally.ts";
import { usageOf } from "./usage.ts";

/** Sums over sessions, which last longer than the sessions. */

/** Adds what a decision has counted for one session to its project's sums: each token once, on the day it was told. */
export function addSpend(state: State, before: SessionRecord, after: SessionRecord): State {
  if (before.usage.reports === after.usage.reports || after.usage.day === undefined) return state;
  const more = addTallies(usageOf(after), usageOf(before), -1);
  const key = projectKey(after.instanceId, after.projectId);
  const { instanceId, projectId } = after;
  const known: ProjectSpend = state.spend[key] ?? {
    ...{ key, instanceId, projectId, total: [], day: after.usage.day, today: [] },
    sessionsToday: 0,
  };
  // A clock that was set back goes on with the day it had.
  const isNewDay = after.usage.day > known.day;
  const today = isNewDay ? { day: after.usage.day, today: [], sessionsToday: 0 } : known;
  const isFirst = before.usage.day !== after.usage.day;
  const spend: ProjectSpend = {
    ...known,
    total: addTallies(known.total, more),
    day: today.day,
    today: addTallies(today.today, more),
    sessionsToday: today.sessionsToday + (isFirst ? 1 : 0),
  };
  return { ...state, spend: { ...state.spend, [key]: spend } };
}

export const todayOf = (spend: ProjectSpend, day: string): Tally => (spend.day === day ? spend.today : []);

/** What the limits of one session are measured against, apart from itself. */
export function spentAround(
  state: Pick<State, "spend">,
  { instanceId, projectId }: Pick<SessionRecord, "instanceId" | "projectId">,
  { nowMs, policy }: { nowMs: number; policy: Pick<Policy, "utcOffsetMs"> },
): SpentAround {
  const day = dayOf(nowMs, policy);
  const all = Object.values(state.spend);
  const sum = (some: readonly ProjectSpend[]): Tally =>
    some.reduce<Tally>((total, each) => addTallies(total, todayOf(each, day)), []);
  return {
    project: state.spend[projectKey(instanceId, projectId)]?.total ?? [],
    day: sum(all.filter((each) => each.instanceId === instanceId)),
    dayOfAll: sum(all),
  };
}
