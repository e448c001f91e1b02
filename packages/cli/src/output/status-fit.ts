import { fit } from "./format.ts";
import type { Look } from "./session-lines.ts";

/** Some lines that stay together. */
export interface Part {
  kind: "notice" | "session" | "other";
  group?: string;
  lines: string[];
}

/** Notices get at most this part of the screen, so that the sessions that need you are always visible. */
const NOTICE_SHARE = 3;

/** Fits parts into the rows of a screen. The last sessions are left out first, because they are the least urgent. */
export function fitRows(parts: readonly Part[], { rows, columns, colour }: Look & { rows: number }): string[] {
  const sum = (some: readonly Part[]) => some.reduce((total, { lines }) => total + lines.length, 0);
  if (sum(parts) <= rows) return parts.flatMap(({ lines }) => lines);
  const note = (count: number, what: string) =>
    colour.dim(fit(`… ${count} more ${what}${count === 1 ? "" : "s"}: ao status shows all`, columns));
  const notices = parts.filter(({ kind }) => kind === "notice");
  const keptNotices = takeRows(notices, Math.floor(rows / NOTICE_SHARE));
  const hidden = notices.length - keptNotices.length;
  const noticeNote = hidden === 0 ? [] : [note(hidden, "notice")];
  const sessions = parts.filter(({ kind }) => kind === "session");
  const room = rows - sum(keptNotices) - noticeNote.length;
  const kept = takeRows(sessions, room - (sum(sessions) > room ? 1 : 0));
  const left = sessions.length - kept.length;
  const lines = [...keptNotices.flatMap((part) => part.lines), ...noticeNote, ...kept.flatMap((part) => part.lines)];
  const withNote = left === 0 ? lines : [...lines, note(left, "session")];
  const others = parts.filter(({ kind }) => kind === "other").flatMap((part) => part.lines);
  return left === 0 && withNote.length + others.length <= rows ? [...withNote, ...others] : withNote.slice(0, rows);
}

/** The first parts that fit, and at least one, so that the longest wait is visible on the smallest screen. */
function takeRows(parts: readonly Part[], rows: number): Part[] {
  const taken: Part[] = [];
  let used = 0;
  for (const part of parts) {
    used += part.lines.length;
    if (used > rows && taken.length > 0) break;
    taken.push(part);
  }
  return taken;
}
