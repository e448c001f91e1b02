import { openDialog } from "../model/question.ts";
import type { SessionRecord } from "../model/session.ts";
import { at } from "../model/time.ts";
import { type Draft, patch } from "./draft.ts";

/** Nobody reads a new question and answers it within this time. */
const UNREAD_MS = 2_500;

/** What was open for less than this, nobody has read: the agent, or its plugin, settled it by itself. */
const READ_MS = 1_000;

/** Remembers which dialog made way, and whether by an answer of ours. */
export function noteClosedDialog(draft: Draft): void {
  const { before, ctx } = draft;
  const was = openDialog(before);
  if (was === null || was.id === openDialog(draft.record)?.id) return;
  if (before.activity !== null && ctx.nowMs - at(before.activity.since) < READ_MS) return;
  const wasAnswered = draft.record.answered?.dialogId === was.id;
  patch(draft, { lastDialog: { id: was.id, closedAt: draft.now, wasAnswered } });
}

/**
 * The dialog that is open has just taken the place of one that somebody answered in the terminal: an answer that comes now was meant for
 * that one.
 */
export function hasJustChanged({ lastDialog }: Pick<SessionRecord, "lastDialog">, nowMs: number): boolean {
  if (!lastDialog || lastDialog.wasAnswered) return false;
  const sinceMs = nowMs - at(lastDialog.closedAt);
  return sinceMs >= 0 && sinceMs < UNREAD_MS;
}
