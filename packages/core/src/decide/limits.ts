import type { Bounds, DecideContext, Limits } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import { dollars, tokenCount } from "../model/text.ts";
import { dayOf } from "./day.ts";
import { costOf } from "./tally.ts";
import { usageOf } from "./usage.ts";

export type Scope = keyof Bounds;
export type Unit = "usd" | "tokens";

/** One limit and how far it is used. */
export interface Meter {
  /** Names the limit; one of a day is another one each day. */
  id: string;
  scope: Scope;
  unit: Unit;
  /** As the config has it. */
  max: number;
  used: number;
  /** Where it is reached: `max`, or what was granted beyond. */
  ceiling: number;
}

/** Told of at this share of a limit. */
const NEAR = 0.8;
/** `ao resume` raises a limit that is reached by this share of it, for that session. */
const GRANT = 0.25;
/** Where the user set no limit, the user is told once when this much is used; nothing is held for it. */
const UNSET = { session: { usd: 20, tokens: 10_000_000 }, dayOfAll: { usd: 100 } };

const UNITS: readonly Unit[] = ["usd", "tokens"];
const SCOPES: readonly Scope[] = ["session", "project", "day", "dayOfAll"];
/** The scopes that sessions share. */
export const isShared = ({ scope }: Pick<Meter, "scope">): boolean => scope !== "session";

/** The limits that hold for a session, and their use. Dollars: of the part that has a price. */
export function metersOf(record: SessionRecord, ctx: DecideContext): Meter[] {
  const { limits } = ctx.policy;
  if (limits === undefined) return [];
  return metersFor(record, ctx, (scope, unit) => limits[unit][scope]);
}

/** What the user is told of where no limit of that kind was set. */
export function unsetMeters(record: SessionRecord, ctx: DecideContext): Meter[] {
  const { limits } = ctx.policy;
  const isSet = (...scopes: Scope[]) => scopes.some((scope) => UNITS.some((unit) => boundOf(limits, unit, scope)));
  const bound = (scope: Scope, unit: Unit): number | null => {
    if (scope === "session" && !isSet("session")) return UNSET.session[unit];
    return scope === "dayOfAll" && unit === "usd" && !isSet("day", "dayOfAll") ? UNSET.dayOfAll.usd : null;
  };
  return metersFor(record, ctx, bound);
}

const boundOf = (limits: Limits | undefined, unit: Unit, scope: Scope): boolean => limits?.[unit][scope] != null;

function metersFor(
  record: SessionRecord,
  ctx: DecideContext,
  boundFor: (scope: Scope, unit: Unit) => number | null,
): Meter[] {
  return SCOPES.flatMap((scope) => {
    const bounds = UNITS.flatMap((unit) => {
      const max = boundFor(scope, unit);
      return max === null ? [] : [{ unit, max }];
    });
    if (bounds.length === 0) return [];
    const cost = costOf(scope === "session" ? usageOf(record) : (ctx.spent?.[scope] ?? []), ctx.policy.prices);
    return bounds.map(({ unit, max }) => {
      const id = idOf(scope, unit, ctx);
      const used = unit === "usd" ? cost.knownUsd : cost.tokens;
      return { id, scope, unit, max, used, ceiling: Math.max(max, record.limits.granted?.[id] ?? 0) };
    });
  });
}

const isOfDay = (scope: Scope): boolean => scope === "day" || scope === "dayOfAll";

const idOf = (scope: Scope, unit: Unit, { nowMs, policy }: DecideContext): string =>
  `${scope}:${unit}${isOfDay(scope) ? `@${dayOf(nowMs, policy)}` : ""}`;

export const isReached = ({ used, ceiling }: Meter): boolean => used >= ceiling;
/** Not asked of a limit that was raised: the user knows. */
export const isNear = ({ used, max, ceiling }: Meter): boolean => ceiling === max && used >= NEAR * max;
export const isOfToday = ({ scope }: Meter): boolean => isOfDay(scope);

/** Raises what is reached; grants of earlier days are forgotten. */
export function granted(record: SessionRecord, reached: readonly Meter[], ctx: DecideContext): Record<string, number> {
  const day = `@${dayOf(ctx.nowMs, ctx.policy)}`;
  const kept = Object.entries(record.limits.granted ?? {}).filter(([id]) => !id.includes("@") || id.endsWith(day));
  const more = reached.map(({ id, used, ceiling, max }) => [id, Math.max(used, ceiling) + GRANT * max] as const);
  return { ...Object.fromEntries(kept), ...Object.fromEntries(more) };
}

const amount = (unit: Unit, value: number): string => (unit === "usd" ? dollars(value) : `${tokenCount(value)} tokens`);

const WHOSE: Record<Scope, (record: Pick<SessionRecord, "projectId">) => string> = {
  session: () => "its limit",
  project: ({ projectId }) => `the limit of ${projectId}`,
  day: () => "today's limit of this config",
  dayOfAll: () => "today's limit",
};

/** `today's limit of $50.00` */
export const limitName = (record: Pick<SessionRecord, "projectId">, { scope, unit, ceiling }: Meter): string =>
  `${WHOSE[scope](record)} of ${amount(unit, ceiling)}`;

/** `$40.10 of $50.00` */
export const useOf = ({ unit, used, ceiling }: Meter): string => `${amount(unit, used)} of ${amount(unit, ceiling)}`;

export const usedAmount = ({ unit, used }: Meter): string => amount(unit, used);

/** The key of the config that sets it: `limits.maxCostUsd.day`. */
export const configKey = ({ scope, unit }: Pick<Meter, "scope" | "unit">): string =>
  `limits.${unit === "usd" ? "maxCostUsd" : "maxTokens"}.${isOfDay(scope) ? "day" : scope}`;

export const meterData = ({ scope, unit, max, used, ceiling }: Meter): Record<string, unknown> => ({
  scope: scope === "dayOfAll" ? "day" : scope,
  unit,
  max,
  used,
  ceiling,
});
