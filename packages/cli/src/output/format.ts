import { age, oneLine } from "@agent-orchestrator/core/model/text";

/** `in 3 h`, or `soon` when the time has come. */
export function inTime(iso: string, nowMs: number): string {
  const ms = Date.parse(iso) - nowMs;
  return ms < 60_000 ? "soon" : `in ${age(ms)}`;
}

/** `2026-01-31 12:00:00`, in the machine's own time zone. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return oneLine(iso, 20);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `14:30`, with the date if that is not today. */
export function clockTime(iso: string, nowMs: number): string {
  const [day = "", time = ""] = localTime(iso).split(" ");
  const [today] = localTime(new Date(nowMs).toISOString()).split(" ");
  return day === today ? time.slice(0, 5) : `${day} ${time.slice(0, 5)}`.trim();
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;

const COLOUR = /\u001b\[[0-9;]*m/g;

/** Columns a text takes in a terminal, near enough. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of text.replace(COLOUR, "")) width += /\p{Mark}/u.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

/** One cleaned line of at most `max` columns, cut between words if possible. */
export function fit(text: string, max: number): string {
  const line = oneLine(text, 2000);
  if (max < 1) return "";
  return widthOf(line) <= max ? line : `${head(line, max - 1)}…`;
}

/** As many whole words as fit into `max` columns, or part of the first word if even that does not fit. */
function head(line: string, max: number): string {
  let width = 0;
  let end = 0;
  let place = 0;
  for (const char of line) {
    // Between words, and around the characters of scripts that write without spaces.
    if (char === " " || WIDE.test(char)) place = end;
    width += widthOf(char);
    if (width > max) break;
    end += char.length;
    if (WIDE.test(char)) place = end;
  }
  return line.slice(0, place > 0 ? place : end).trimEnd();
}

export const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - widthOf(text)));

/** Lines with aligned columns. The last column is not padded. */
export function table(rows: readonly (readonly string[])[], { indent = "", gap = "  " } = {}): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
  }
  return rows
    .map((row) => indent + row.map((cell, at) => (at === row.length - 1 ? cell : pad(cell, widths[at] ?? 0))).join(gap))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/** Text in lines of at most `width` columns. A longer word gets a separate line. Scripts without spaces break anywhere. */
export function wrap(text: string, width: number, indent = ""): string {
  return linesOf(text, width - indent.length)
    .map((part) => `${indent}${part}\n`)
    .join("");
}

export function linesOf(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of text.split(/(?<= )/).flatMap((word) => piecesOf(word, width))) {
    if (line !== "" && widthOf(line) + widthOf(piece.trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += piece;
  }
  return [...lines, line.trimEnd()];
}

const piecesOf = (word: string, width: number): string[] =>
  widthOf(word.trimEnd()) > width && WIDE.test(word) ? [...word] : [word];

/** Lines of screens, logs and code, which stay as they are. */
const VERBATIM = /^\s*│/;

/** Text for a terminal of this width. Words are not broken, and continued lines keep the indentation of the first. */
export function fold(text: string, columns: number): string {
  return text
    .split("\n")
    .flatMap((line) => (widthOf(line) <= columns || VERBATIM.test(line) ? [line] : foldLine(line, columns)))
    .join("\n");
}

function foldLine(line: string, columns: number): string[] {
  const gap = [...line.matchAll(/\S( {2,})(?=\S)/g)].at(-1);
  const start = gap === undefined ? 0 : gap.index + 1 + (gap[1]?.length ?? 0);
  const before = line.slice(0, start);
  const isColumn = start > 0 && widthOf(before) <= columns / 2;
  const indent = isColumn ? widthOf(before) : (/^ */.exec(line)?.[0].length ?? 0) + 2;
  const words = isColumn ? line.slice(start) : line.trimStart();
  const room = columns - indent;
  const [first = "", ...rest] = linesOf(words, isColumn ? room : columns - indent + 2);
  const more = isColumn ? rest : linesOf(rest.join(" "), room);
  const begun = isColumn ? `${before}${first}` : `${" ".repeat(indent - 2)}${first}`;
  const outdented = outdent({ base: /^ */.exec(line)?.[0].length ?? 0, columns });
  const continued = more.filter((each) => each !== "").flatMap((each) => outdented(each, " ".repeat(indent)));
  if (widthOf(begun) <= columns || !isColumn) return [begun, ...continued];
  return [before.trimEnd(), ...outdented(first, " ".repeat(indent)), ...continued];
}

/** A path or URL that has no room in its column gets a line with less indentation, so that the terminal does not break it either. */
function outdent({ base, columns }: { base: number; columns: number }): (word: string, indent: string) => string[] {
  return (word, indent) => {
    const width = widthOf(word);
    if (width + indent.length <= columns) return [indent + word];
    return [" ".repeat(width + base + 2 <= columns ? base + 2 : width + base <= columns ? base : 0) + word];
  };
}
