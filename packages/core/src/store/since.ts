import type { LogReader } from "./read-log.ts";
import type { LogRecord } from "./segment.ts";

export interface SinceQuery {
  /** ISO time. */
  from: string;
  /** Types of events. */
  types: readonly string[];
}

export interface Since {
  /** The newest ones, oldest first. */
  events: LogRecord[];
  /** There were more of them. */
  isCut: boolean;
  /** The sums of each project that has used something since, as they were before. Null: unknown, because that was long ago. */
  spentBefore: Record<string, unknown>;
}

const MOST_EVENTS = 5_000;
/** How many older lines are read to find what had been used before. */
const MOST_BEFORE = 200_000;

/** What happened since a time, read from the end of the log. */
export function readSince(reader: Pick<LogReader, "backwards">, { from, types }: SinceQuery): Since {
  const wanted = new Set(types);
  const found: Since = { events: [], isCut: false, spentBefore: {} };
  /** Projects whose sums have changed, and are not known as of before. */
  const open = new Set<string>();
  let before = 0;
  for (const record of reader.backwards()) {
    const isSince = record.ts >= from;
    if (!isSince && (open.size === 0 || ++before > MOST_BEFORE)) break;
    if (record.type === "ao.spend") noteSpend(found, open, { record, isSince });
    else if (isSince && wanted.has(record.type)) noteEvent(found, record);
  }
  for (const key of open) found.spentBefore[key] = before > MOST_BEFORE ? null : [];
  found.events.reverse();
  return found;
}

function noteEvent(found: Since, record: LogRecord): void {
  if (found.events.length >= MOST_EVENTS) found.isCut = true;
  else found.events.push(record);
}

function noteSpend(
  found: Since,
  open: Set<string>,
  { record, isSince }: { record: LogRecord; isSince: boolean },
): void {
  const key = String(record.key);
  if (isSince) {
    open.add(key);
    return;
  }
  if (!open.delete(key)) return;
  found.spentBefore[key] = (record.spend as { total?: unknown } | null)?.total ?? [];
}
