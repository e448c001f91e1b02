import { type Callback, formatCallback } from "../../model/callback.ts";
import type { Notice } from "../../model/notice.ts";
import type { NotifyAction } from "../../model/notification.ts";
import type { SessionRecord } from "../../model/session.ts";
import { openQuestion } from "../question.ts";

const MAX_CHOICES = 9;
/** Of a button. Slack allows 75 characters. */
const MAX_LABEL = 60;

/**
 * What can be pressed: the open question's choices, or what the notice is about, then its page. `open` is not offered as long as no
 * plugin can show a terminal.
 */
export function actionsOf({ event }: Pick<Notice, "event">, record: SessionRecord | undefined): NotifyAction[] {
  if (record === undefined) return [];
  const page = urlOf(event.data) ?? record.pr.snapshot?.info.url;
  const label = record.pr.snapshot === null ? "Open the page" : `Pull request #${record.pr.snapshot.info.number}`;
  return [
    ...deedsOf(event.type, record),
    ...(page !== undefined && /^https?:/.test(page) ? [{ label, url: page }] : []),
  ];
}

const urlOf = ({ url }: Record<string, unknown>): string | undefined => (typeof url === "string" ? url : undefined);

const press = (label: string, callback: Callback): NotifyAction => ({
  label,
  callbackEndpoint: formatCallback(callback),
});

function deedsOf(type: string, record: SessionRecord): NotifyAction[] {
  const session = record.id;
  const question = openQuestion(record);
  if (question !== null) {
    const { dialogId, onlyInTerminal, choices } = question;
    if (dialogId === null || onlyInTerminal !== null) return [];
    return choices
      .slice(0, MAX_CHOICES)
      .map((choice, index) =>
        press(shortened(choice), { kind: "answer", session, dialog: dialogId, choice: index + 1 }),
      );
  }
  const head = record.pr.snapshot?.headSha;
  if (head !== undefined && record.status === "mergeable") return [press("Merge", { kind: "merge", session, head })];
  if (head !== undefined && type === "review.pending") return [press("Approve", { kind: "approve", session, head })];
  const isGone = record.phase === "ended" || (record.status === "stuck" && record.launch.last?.exit != null);
  if (isGone && record.status !== "merged" && record.status !== "done") {
    return [press("Restore", { kind: "restore", session, launch: record.launch.last?.number ?? 0 })];
  }
  return [];
}

const shortened = (text: string): string =>
  text.length <= MAX_LABEL ? text : `${text.slice(0, MAX_LABEL - 1).replace(/[\ud800-\udbff]$/, "")}…`;
