import type { Notice } from "../../model/notice.ts";
import { openDialog } from "../../model/question.ts";
import type { SessionRecord } from "../../model/session.ts";
import type { OpenQuestion } from "../../model/session-view.ts";
import { oneLine } from "../../model/text.ts";
import { at } from "../../model/time.ts";

/** Nobody need act on it any more: what it was about has passed, or the session is gone. */
export function isOver({ attentionSince, event }: Notice, record: SessionRecord | undefined): boolean {
  if (attentionSince === null) return false;
  if (record === undefined || record.attention === null || record.attention.since !== attentionSince) return true;
  const asked = dialogOf(event.data);
  return asked !== null && openDialog(record)?.id !== asked;
}

const dialogOf = (data: Record<string, unknown>): string | null =>
  (data.question as Partial<OpenQuestion> | null | undefined)?.dialogId ?? null;

/** Somebody has looked at it, or done something about it, since. Nobody need be reminded. */
export function isTakenUp({ createdAt }: Notice, { humanDid = {} }: SessionRecord): boolean {
  return Object.values(humanDid).some((when) => at(when) > at(createdAt));
}

/** What looked briefly like a notice of the program, but is a dialog of the agent. The user is notified of that one. */
export function hasMadeWay({ event }: Notice, record: SessionRecord): boolean {
  const asked = event.data.question as Partial<OpenQuestion> | null | undefined;
  const dialog = openDialog(record);
  return asked?.kind === "notice" && dialog !== null && dialog.kind !== "notice" && dialog.id !== asked.dialogId;
}

const DEEDS: Readonly<Record<string, string>> = {
  reviewed: "was reviewed",
  merged: "was merged",
  removed: "was removed",
  interrupted: "was interrupted",
};

/** Why nobody need act on it any more, as one line. */
export function takenUpWords({ sessionId, createdAt }: Notice, record: SessionRecord | undefined): string {
  if (record === undefined) return `${sessionId} was removed`;
  const { answered, humanDid = {}, status } = record;
  if (answered && at(answered.at) >= at(createdAt))
    return `${sessionId} was answered: ${oneLine(answered.choice, 100)}`;
  const [last] = Object.entries(humanDid)
    .filter(([what, when]) => what in DEEDS && at(when) >= at(createdAt))
    .sort(([, a], [, b]) => at(b) - at(a));
  return `${sessionId} ${last === undefined ? `no longer waits: it is ${status.replace(/_/g, " ")}` : DEEDS[last[0]]}`;
}
