import type { QuietHours } from "../../model/notice.ts";
import type { Priority } from "../../model/status.ts";

const DAY = 24 * 60;
const MINUTE_MS = 60_000;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** The minute of the day in a time zone. */
function minuteOf(nowMs: number, timezone: string | null): number {
  const key = timezone ?? "";
  const made: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const clock =
    clocks.get(key) ?? new Intl.DateTimeFormat("en-GB", timezone === null ? made : { ...made, timeZone: timezone });
  clocks.set(key, clock);
  const parts = Object.fromEntries(clock.formatToParts(nowMs).map(({ type, value }) => [type, Number(value)]));
  return (parts.hour ?? 0) * 60 + (parts.minute ?? 0);
}

/**
 * Until when a notice of this priority is held. Null if it is not. On a day on which clocks are changed the end may be
 * an hour off: look again then.
 */
export function quietUntil(quiet: QuietHours | null, priority: Priority, nowMs: number): number | null {
  if (quiet === null || quiet.from === quiet.to || quiet.except.includes(priority)) return null;
  const now = minuteOf(nowMs, quiet.timezone);
  const since = (now - quiet.from + DAY) % DAY;
  const length = (quiet.to - quiet.from + DAY) % DAY;
  if (since >= length) return null;
  return nowMs - (nowMs % MINUTE_MS) + (length - since) * MINUTE_MS;
}
