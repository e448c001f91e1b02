import { openDialog } from "../model/question.ts";
import type { SessionRecord } from "../model/session.ts";
import { turnNumber } from "./facts-of.ts";

/** The name of a cause: whichever events and reactions come from it, the user is told of it once. */

const headOf = (record: SessionRecord): string =>
  record.pr.snapshot === null ? "none" : `${record.pr.snapshot.info.number}:${record.pr.snapshot.headSha}`;

/** Of what asks since a time, whichever dialog it is: so a dialog is known before it could be read, and when it is lost from sight. */
const asking = (record: SessionRecord): string => `needs-input:${record.activity?.since ?? record.statusSince}`;

/** Several dialogs can be open since the same time: the questions of one request come one after the other. */
function needsInput(record: SessionRecord): string {
  const dialog = openDialog(record);
  return dialog === null ? asking(record) : `${asking(record)}#${dialog.id}`;
}

export const CAUSE = {
  needsInput,
  /** One silence of a turn is one cause, however often a line of output interrupts it. */
  stuck: (record: SessionRecord) => `stuck:${record.launch.last?.number ?? 0}:${turnNumber(record)}`,
  exit: (record: SessionRecord) => `exit:${record.launch.last?.number ?? 0}`,
  ready: (record: SessionRecord) => `ready:${headOf(record)}`,
  merged: (record: SessionRecord) => `merged:${record.pr.snapshot?.info.number ?? 0}`,
  closed: (record: SessionRecord) => `closed:${headOf(record)}`,
  /** Of the whole repository: one notice for all its sessions. */
  repository: (record: SessionRecord, what: string) => `repository:${record.instanceId}-${record.projectId}:${what}`,
} as const;

/** It had been acted on, and that could not be done: news to somebody who was told of the problem itself. */
export const notDone = (cause: string): string => `${cause}:not-done`;

/** The same cause as it is named where its dialog cannot be read. */
export function withoutDialog(cause: string): string | null {
  const end = cause.indexOf("#");
  return end === -1 || !cause.startsWith("needs-input:") ? null : cause.slice(0, end);
}

/**
 * The same dialog, whenever it is said to have opened: a plugin that starts again may date it again. The id of a notice may be made of its
 * words, and then names it only for as long as the session asks without a break. An answer that left it open makes it news.
 */
export function whicheverSince(record: SessionRecord, cause: string): string | null {
  const dialog = openDialog(record);
  if (dialog === null || withoutDialog(cause) === null) return null;
  if (dialog.kind === "notice")
    return record.status === "needs_input" ? `needs-input@${record.statusSince}#${dialog.id}` : null;
  const { answered } = record;
  return `needs-input@${answered?.dialogId === dialog.id ? answered.wishId : ""}#${dialog.id}`;
}

/** Of every session of an agent, whatever its project. */
export const agentsCause = (agent: string, what: string): string => `agents:${agent}:${what}`;

export const isOfAgents = (cause: string): boolean => cause.startsWith("agents:");
export const isOfRepository = (cause: string): boolean => cause.startsWith("repository:");
