import { toIso } from "@agent-orchestrator/core/host/clock";

/** Claude Code's wording: `resets 3:30pm (Europe/Berlin)`, `resets Nov 30, 3pm (UTC)`, `resets Jan 2, 2027, 9am`. */
const RESETS =
  /resets (?:at )?(?:([A-Z][a-z]{2}) (\d{1,2}),? (?:(\d{4}),? )?(?:at )?)?(\d{1,2})(?::(\d{2}))? ?([ap])m(?: \(([\w/+-]+)\))?/i;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAY_MS = 86_400_000;

interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

/** When the limit in the text ends, or null if it does not say. `nowMs` is when the text was written. */
export function resetTimeOf(text: string, nowMs: number): string | null {
  const match = RESETS.exec(text);
  if (match === null) return null;
  const [, month, day, year, hour = "0", minute = "0", half = "a", zoneName] = match;
  const zone = knownZone(zoneName);
  const today = wallAt(nowMs, zone);
  const time = { hour: (Number(hour) % 12) + (half.toLowerCase() === "p" ? 12 : 0), minute: Number(minute) };
  if (month === undefined) {
    const moment = momentOf({ ...today, ...time }, zone);
    return toIso(moment > nowMs ? moment : momentOf({ ...wallAt(nowMs + DAY_MS, zone), ...time }, zone));
  }
  const index = MONTHS.indexOf(month.toLowerCase());
  if (index === -1) return null;
  const date = { year: year === undefined ? today.year : Number(year), month: index + 1, day: Number(day) };
  return toIso(momentOf({ ...date, ...time }, zone));
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
  let moment = wanted;
  for (let round = 0; round < 2; round++) moment += wanted - asUtc(wallAt(moment, zone));
  return moment;
}
