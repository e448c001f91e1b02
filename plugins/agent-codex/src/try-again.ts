import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Iso } from "@agent-orchestrator/core/model/time";

/** Codex's wording, in the machine's local time: `try again at 6:45 AM`, on another day `try again at Dec 3rd, 2026 6:45 AM`. */
const AGAIN = /try again at (?:([A-Z][a-z]{2}) (\d{1,2})[a-z]{2}, (\d{4}) )?(\d{1,2}):(\d{2}) ([AP])M/i;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MINUTE_MS = 60_000;

/** When the limit in the text ends, at the end of that minute, or null if it does not say. `saidMs` is when the text was written. */
export function againAt(text: string, saidMs: number): Iso | null {
  const match = AGAIN.exec(text);
  if (match === null) return null;
  const [, month, day, year, hour, minute, half] = match;
  const said = new Date(saidMs);
  const index = month === undefined ? said.getMonth() : MONTHS.indexOf(month.toLowerCase());
  if (index === -1) return null;
  const hours = (Number(hour) % 12) + (half?.toUpperCase() === "P" ? 12 : 0);
  const moment = new Date(
    ...([Number(year ?? said.getFullYear()), index, Number(day ?? said.getDate()), hours, Number(minute)] as const),
  );
  return toIso(moment.getTime() + MINUTE_MS);
}
