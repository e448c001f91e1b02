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

/** How long it is quiet from this minute on, if no clock is changed. 0: it is not quiet. */
function minutesLeft({ from, to, timezone }: QuietHours, atMs: number): number {
  const since = (minuteOf(atMs, timezone) - from + DAY) % DAY;
  const length = (to - from + DAY) % DAY;
  return since >= length ? 0 : length - since;
}

/** Until when a notice of this priority is held. Null if it is not. Hours are those of the clock on the wall, also when it is changed. */
export function quietUntil(quiet: QuietHours | null, priority: Priority, nowMs: number): number | null {
  if (quiet === null || quiet.from === quiet.to || quiet.except.includes(priority)) return null;
  const thisMinute = nowMs - (nowMs % MINUTE_MS);
  let end = thisMinute;
  // An hour that comes twice is quiet twice.
  for (let left = minutesLeft(quiet, end); left > 0; left = minutesLeft(quiet, end)) {
    end += left * MINUTE_MS;
    if (end - thisMinute > 2 * DAY * MINUTE_MS) break;
  }
  if (end === thisMinute) return null;
  // An hour that is left out is not waited for.
  while (end - MINUTE_MS > thisMinute && minutesLeft(quiet, end - MINUTE_MS) === 0) end -= MINUTE_MS;
  return end;
}
