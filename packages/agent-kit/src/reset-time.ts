import { type Iso, toIso } from "@agent-orchestrator/core/model/time";

/**
 * A time of day: `resets 3:30pm (Europe/Berlin)`, `resets Nov 30, 3pm (UTC)`, `resets Jan 2, 2027, 9am`, `try again at 6:45 AM`,
 * `try again at Dec 3rd, 2026 6:45 AM`. Without a zone it is the machine's own time.
 */
const ON_THE_CLOCK =
  /(resets|try again)(?: at)? (?:([A-Z][a-z]{2}) (\d{1,2})(?:st|nd|rd|th)?,? (?:(\d{4}),? )?(?:at )?)?(\d{1,2})(?::(\d{2}))? ?([ap])m(?: \(([\w/+-]+)\))?/i;
/** A moment: `until 2026-12-03T06:45:00Z`. */
const MOMENT =
  /(?:until|reset\w*(?: at)?|try again at) (\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)/i;
/** A span: `try again in 6m 30s`, `retry after 20 seconds`. */
const SPAN =
  /(?:try again|retry|reset\w*) (?:in|after) ((?:\d+(?:\.\d+)?\s*(?:ms|[dhms]|seconds?|minutes?|hours?|days?)\s*)+)/i;
const UNIT_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** When a limit ends, as the vendor or the program words it. Null if the text does not say. `saidMs` is when it was written. Pure. */
export const resetTimeIn = (text: string, saidMs: number): Iso | null =>
  onTheClock(text, saidMs) ?? moment(text) ?? span(text, saidMs);

interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

function onTheClock(text: string, saidMs: number): Iso | null {
  const match = ON_THE_CLOCK.exec(text);
  if (match === null) return null;
  const [, verb = "", month, day, year, hour = "0", minute = "0", half = "a", zoneName] = match;
  const zone = knownZone(zoneName);
  const today = wallAt(saidMs, zone);
  const time = { hour: (Number(hour) % 12) + (half.toLowerCase() === "p" ? 12 : 0), minute: Number(minute) };
  // Codex says it only of the same day, and means the end of that minute.
  const isAgain = verb.toLowerCase() === "try again";
  if (month === undefined) {
    const at = momentOf({ ...today, ...time }, zone);
    if (isAgain) return toIso(at + MINUTE_MS);
    return toIso(at > saidMs ? at : momentOf({ ...wallAt(saidMs + DAY_MS, zone), ...time }, zone));
  }
  const index = MONTHS.indexOf(month.toLowerCase());
  if (index === -1) return null;
  const date = { year: year === undefined ? today.year : Number(year), month: index + 1, day: Number(day) };
  return toIso(momentOf({ ...date, ...time }, zone) + (isAgain ? MINUTE_MS : 0));
}

function moment(text: string): Iso | null {
  const ms = Date.parse((MOMENT.exec(text)?.[1] ?? "").replace(" ", "T"));
  return Number.isNaN(ms) ? null : toIso(ms);
}

function span(text: string, saidMs: number): Iso | null {
  let ms = 0;
  for (const [, count = "0", unit = ""] of (SPAN.exec(text)?.[1] ?? "").matchAll(/(\d+(?:\.\d+)?)\s*(ms|[a-z]+)/gi)) {
    ms += Number(count) * (UNIT_MS[unit.toLowerCase()] ?? UNIT_MS[unit[0]?.toLowerCase() ?? ""] ?? 0);
  }
  return ms > 0 ? toIso(saidMs + ms) : null;
}

function knownZone(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return name;
  } catch {
    return undefined; // An unknown zone. The machine's own is the best guess.
  }
}

function wallAt(ms: number, timeZone: string | undefined): Wall {
  const options = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
  const format = new Intl.DateTimeFormat("en-US", { ...options, hourCycle: "h23", timeZone });
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = parts;
  return { year, month, day, hour, minute };
}

/** The moment at which clocks in the zone show this time: a guess as if in UTC, shifted by the zone's offset there. */
function momentOf(wall: Wall, zone: string | undefined): number {
  const asUtc = (each: Wall): number => Date.UTC(each.year, each.month - 1, each.day, each.hour, each.minute);
  const wanted = asUtc(wall);
  let at = wanted;
  for (let round = 0; round < 2; round++) at += wanted - asUtc(wallAt(at, zone));
  return at;
}
