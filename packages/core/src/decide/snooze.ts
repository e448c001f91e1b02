import { openDialog } from "../model/question.ts";
import type { SessionRecord } from "../model/session.ts";
import { MAX_SNOOZE_MS } from "../model/snooze.ts";
import { at, type Iso } from "../model/time.ts";

/** Names what a session needs the user for. Another question, problem or commit gives another name. Null: it needs nobody. */
export function causeOfAttention(record: SessionRecord): string | null {
  const { attention, status, activity } = record;
  const { snapshot: pr } = record.pr;
  if (attention === null) return null;
  const asked = openDialog(record)?.id ?? (status === "needs_input" ? (activity?.question ?? null) : null);
  return JSON.stringify([attention.level, attention.hint, asked, pr?.headSha ?? null]);
}

/** Until when what it needs the user for is hidden. Null: it is not. */
export function snoozedUntil(record: SessionRecord, nowMs: number): Iso | null {
  const { snooze } = record;
  if (!snooze || snooze.cause !== causeOfAttention(record)) return null;
  const leftMs = at(snooze.ends) - nowMs;
  // After the clock was set back, it would last for longer than anybody asked for.
  return leftMs > 0 && leftMs <= MAX_SNOOZE_MS ? snooze.ends : null;
}
