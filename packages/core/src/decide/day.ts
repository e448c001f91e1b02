import type { Policy } from "../model/policy.ts";

const DAY_MS = 86_400_000;

type Zone = Pick<Policy, "utcOffsetMs">;

/** The day of a moment where the user lives: `2026-01-31`. */
export const dayOf = (ms: number, { utcOffsetMs = 0 }: Zone): string =>
  new Date(ms + utcOffsetMs).toISOString().slice(0, 10);

/** The midnight that ends it. */
export function dayEnd(ms: number, { utcOffsetMs = 0 }: Zone): number {
  const local = ms + utcOffsetMs;
  return local - (((local % DAY_MS) + DAY_MS) % DAY_MS) + DAY_MS - utcOffsetMs;
}

/** The time of day there, with the date when it is another day than today: `14:05`, `2026-02-01 09:00`. */
export function clockTime(ms: number, nowMs: number, zone: Zone): string {
  const local = new Date(ms + (zone.utcOffsetMs ?? 0)).toISOString();
  const time = local.slice(11, 16);
  return dayOf(ms, zone) === dayOf(nowMs, zone) ? time : `${local.slice(0, 10)} ${time}`;
}
