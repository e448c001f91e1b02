import type { InboxRow } from "@agent-orchestrator/core/model/inbox";
import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import { fit, linesOf, widthOf } from "../output/format.ts";
import { questionLines } from "../output/question-text.ts";
import type { Key } from "./keys.ts";
import type { Model } from "./model.ts";
import { type Look, titleOf } from "./texts.ts";

/** What needs the user in one row, whole, from one of its lines on. */
export interface Reading {
  kind: "read";
  row: InboxRow;
  top: number;
}

/** Nothing of it is cut. */
function linesIn({ question, reason }: InboxRow, columns: number): string[] {
  const text = question === null ? cleanForTerminal(reason).split("\n") : questionLines(question);
  return text.flatMap((line) => linesOf(line.replaceAll("\t", "  "), columns)).flatMap((line) => pieces(line, columns));
}

/** Also a word that is longer than the line is shown whole. */
function pieces(line: string, columns: number): string[] {
  const found: string[] = [];
  let current = "";
  for (const char of line) {
    if (current !== "" && widthOf(current + char) > columns) {
      found.push(current);
      current = "";
    }
    current += char;
  }
  return [...found, current];
}

/** Whether a row may show less than there is. */
export const isLong = ({ question, reason }: InboxRow): boolean =>
  question === null ? reason.length > 300 : question.text.length > 300 || questionLines(question).length > 8;

/** As many lines as certainly fit, whatever else is on the screen. */
const pageOf = ({ rows }: Model["size"]): number => Math.max(1, rows - 9);

/** Scrolls. Null: the key does something else. */
export function scroll(model: Model, { row, top }: Reading, { name, text }: Key): Model | null {
  const page = pageOf(model.size);
  const last = Math.max(0, linesIn(row, model.size.columns).length - page);
  const to = (wanted: number): Model => ({
    ...model,
    mode: { kind: "read", row, top: Math.min(Math.max(0, wanted), last) },
  });
  if (name === "up" || text === "k") return to(top - 1);
  if (name === "down" || text === "j") return to(top + 1);
  if (name === "page-up" || text === "b") return to(top - page);
  if (name === "page-down" || text === " ") return to(top + page);
  if (name === "home" || text === "g") return to(0);
  if (name === "end" || text === "G") return to(last);
  return null;
}

export function readingLines({ row, top }: Reading, { columns, rows, colour }: Look): string[] {
  const [session] = row.sessions;
  const lines = linesIn(row, columns);
  const room = Math.max(1, rows - 2);
  const first = Math.max(0, Math.min(top, lines.length - room));
  const last = Math.min(first + room, lines.length);
  const where = room >= lines.length ? "" : `, lines ${first + 1} to ${last} of ${lines.length}`;
  const name = session === undefined ? "" : `${oneLine(session.id, 60)}${where}: ${titleOf(session)}`;
  return [colour.bold(fit(name, columns)), "", ...lines.slice(first, last)];
}
