import { oneLine } from "@agent-orchestrator/core/host/text";

/** `42s`, `7m`, `3h`, `2d`: one unit, rounded down. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

export function ageOf(iso: string | null | undefined, nowMs: number): string {
  const at = Date.parse(iso ?? "");
  return Number.isNaN(at) ? "" : age(nowMs - at);
}

/** `2026-01-31 12:00:00`, in the machine's own time zone. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return oneLine(iso, 20);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;

/** Columns a text takes in a terminal, near enough. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += /\p{Mark}/u.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

/** One cleaned line of at most `max` columns. */
export function fit(text: string, max: number): string {
  const line = oneLine(text, 2000);
  if (widthOf(line) <= max) return line;
  let cut = "";
  let width = 0;
  for (const char of line) {
    width += widthOf(char);
    if (width > max - 1) break;
    cut += char;
  }
  return max < 1 ? "" : `${cut}…`;
}

export const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - widthOf(text)));

/** Lines with aligned columns; the last column is as long as it is. */
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

/** Text in lines of at most `width`, cut between words. */
export function wrap(text: string, width: number, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > width - indent.length) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((part) => `${indent}${part}\n`).join("");
}
