import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { at } from "../model/time.ts";
import { same } from "./same.ts";

const DAY_MS = 24 * 3_600_000;

export interface KeptRound {
  nowMs: number;
  /** Awake time since the last round, which no clock can change. */
  elapsedMs: number;
  /** `cleanup.preserve` of a session's config. Null: kept forever. */
  keepMsOf(session: Pick<SessionRecord, "instanceId">): number | null;
}

/**
 * One round over the work that was kept from removed checkouts. Work that is due for deletion stays where it is for another day
 * of awake time (or as long as it was kept, if that is shorter), and `ao restore` still finds it. If it is no longer due by then,
 * the clock was wrong, and it stays. Pure. Returns the state without the work to delete, and the folders to delete.
 */
export function ageKeptWork(state: State, round: KeptRound): { state: State; folders: string[] } {
  const before = state.overdueMs ?? {};
  const overdueMs: Record<string, number> = {};
  const sessions = { ...state.sessions };
  const folders: string[] = [];
  for (const record of Object.values(state.sessions)) {
    const keepMs = round.keepMsOf(record);
    if (keepMs === null || !isDue(record, keepMs, round.nowMs) || record.preservedPath === null) continue;
    // The first round only notices it.
    const sinceMs = record.id in before ? (before[record.id] ?? 0) + round.elapsedMs : 0;
    if (sinceMs < Math.min(keepMs, DAY_MS)) overdueMs[record.id] = sinceMs;
    else {
      folders.push(record.preservedPath);
      sessions[record.id] = withoutKept(record);
    }
  }
  const isSame = folders.length === 0 && same(overdueMs, before);
  return isSame ? { state, folders } : { state: { ...state, sessions, overdueMs }, folders };
}

/** Since when nothing has happened to a session whose work is kept. */
export const keptSince = ({ statusSince, lastActivityAt }: SessionRecord): string =>
  at(statusSince) > at(lastActivityAt) ? statusSince : lastActivityAt;

function isDue(record: SessionRecord, keepMs: number, nowMs: number): boolean {
  if (!record.isArchived || record.preservedPath === null) return false;
  return at(keptSince(record)) + keepMs < nowMs;
}

/** The sessions that were put away and whose kept work is due for deletion. They are brought back for it. */
export function overdueAway(state: State, round: Omit<KeptRound, "elapsedMs">): string[] {
  return Object.values(state.archive).flatMap((away) => {
    const keepMs = round.keepMsOf(away);
    return away.kept !== null && keepMs !== null && at(away.kept.since) + keepMs < round.nowMs ? [away.id] : [];
  });
}

function withoutKept(record: SessionRecord): SessionRecord {
  const line =
    "What was not committed when the checkout was removed is no longer kept (`cleanup.preserve`). Commits are.";
  return { ...record, preservedPath: null, notes: [...record.notes, line] };
}
