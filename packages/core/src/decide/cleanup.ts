import type { DecideContext, Policy } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import { at } from "../model/time.ts";

/** How long after its last activity a session's checkout is removed; null: not by itself. */
export function cleanupAfterMs(record: SessionRecord, { cleanupMs }: Policy): number | null {
  if (record.phase === "down" && record.pr.snapshot?.state === "closed") return cleanupMs.closed;
  if (record.phase !== "ended" || record.ending === null) return null;
  const { status } = record.ending;
  return cleanupMs[status === "terminated" ? "errored" : status];
}

/** When that is, unless the clock was set meanwhile. */
export function cleanupDueAt(record: SessionRecord, { policy }: Pick<DecideContext, "policy">): number | null {
  const afterMs = cleanupAfterMs(record, policy);
  if (afterMs === null) return null;
  return Math.max(at(record.lastActivityAt), record.ending === null ? 0 : at(record.ending.at)) + afterMs;
}
