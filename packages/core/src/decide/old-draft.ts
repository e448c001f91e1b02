import type { Message } from "../model/message.ts";
import type { SessionRecord } from "../model/session.ts";
import { formatDuration } from "../model/time.ts";
import { latest } from "./facts-of.ts";
import { plural } from "./text.ts";

/** A draft that nobody has typed near for this long is questioned: the agent's plugin may find that it is only drawn. */
const QUESTIONED_MS = 60_000;
/** If it still stands after this long, the user is told. */
export const TOLD_MS = 300_000;

interface Now {
  nowMs: number;
  watchedSinceMs: number;
}

/** Since when a draft has kept this message back, with nobody typing. Null if none does. */
function standsSince(record: SessionRecord, { deferred }: Message, { watchedSinceMs }: Now): number | null {
  if (deferred?.because !== "human" || deferred.since === undefined) return null;
  return latest(deferred.since, record.humanInputAt, watchedSinceMs);
}

export function isDraftOld(record: SessionRecord, message: Message, now: Now): boolean {
  const since = standsSince(record, message, now);
  return since !== null && now.nowMs - since >= QUESTIONED_MS;
}

/** What the user must know: messages that wait for a draft which somebody seems to have forgotten. */
export function forgottenDraft(record: SessionRecord, now: Now): { reason: string; cause: string } | null {
  // Also while it is tried again.
  const waiting = record.messages.list.filter(({ writtenAt, settledAt }) => writtenAt === null && settledAt === null);
  const stands = waiting.map((message) => standsSince(record, message, now)).filter((since) => since !== null);
  const since = Math.min(...stands);
  if (stands.length === 0 || now.nowMs - since < TOLD_MS) return null;
  const held = plural(waiting.length, "message waits", "messages wait");
  return {
    reason: `${held} for the text in its input box, which nobody has sent or changed for ${formatDuration(TOLD_MS)}: send it or clear it`,
    cause: `draft:${record.launch.last?.number ?? 0}:${record.humanInputAt ?? ""}`,
  };
}
