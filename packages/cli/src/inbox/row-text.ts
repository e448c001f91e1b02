import type { InboxRow } from "@agent-orchestrator/core/model/inbox";
import { ageOf, cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import type { InboxMeta } from "@agent-orchestrator/core/protocol/results";
import { clockTime } from "../output/format.ts";
import { countsText, prText, titleOf } from "./texts.ts";

/** A row in sentences, each on a line: for pipes and screen readers. */
export function rowText(row: InboxRow, { number, nowMs }: { number: number; nowMs: number }): string[] {
  const [session, ...others] = row.sessions;
  if (session === undefined) return [];
  const pr = prText(session);
  const head = [
    `${number}. ${oneLine(session.id, 60)}`,
    oneLine(session.projectId, 40),
    titleOf(session),
    ...(pr === "" ? [] : [pr]),
    row.snoozedUntil === null
      ? `waits ${ageOf(row.since, nowMs)}`
      : `snoozed until ${clockTime(row.snoozedUntil, nowMs)}`,
  ];
  const asked = row.question === null ? [oneLine(row.reason, 600)] : questionText(row.question);
  const also = others.length === 0 ? [] : [`Also asked by ${others.map(({ id }) => oneLine(id, 60)).join(", ")}.`];
  const next = row.question === null ? [`Next: ${oneLine(row.hint, 200).replaceAll("`", "")}`] : [];
  return [head.join(", "), ...[...asked, ...also, ...next].map((line) => `   ${line}`)];
}

function questionText({ text, choices, takesText, onlyInTerminal }: NonNullable<InboxRow["question"]>): string[] {
  const asked = cleanForTerminal(text)
    .trim()
    .split("\n")
    .map((line) => oneLine(line, 2_000));
  const listed = choices.map((choice, at) => `Choice ${at + 1}: ${oneLine(choice, 200)}`);
  const own = takesText ? ["Takes your own words."] : [];
  const only = onlyInTerminal === null ? [] : [`Only its terminal can answer: ${oneLine(onlyInTerminal)}`];
  return [`asks: ${asked[0] ?? ""}`, ...asked.slice(1), ...listed, ...own, ...only];
}

/** The whole inbox, once. */
export function inboxText(rows: readonly InboxRow[], meta: InboxMeta, nowMs: number): string {
  const shown = rows.filter(({ snoozedUntil }) => snoozedUntil === null);
  const snoozed = rows.filter(({ snoozedUntil }) => snoozedUntil !== null);
  const notices = meta.notices.filter(({ level }) => level !== "info").map(({ text }) => `! ${oneLine(text, 400)}`);
  const lines = [
    ...notices,
    `Inbox: ${countsText({ rows: shown, snoozed })}.`,
    ...shown.flatMap((row, at) => rowText(row, { number: at + 1, nowMs })),
  ];
  return `${lines.join("\n")}\n`;
}
