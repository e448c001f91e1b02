import { FAILURE_SIGN } from "../../model/text.ts";

export interface LineBounds {
  lines: number;
  chars: number;
}

const GAP = "[…]";
const MAX_LINE = 400;
/** Lines of context before the first sign. */
const BEFORE = 3;

/** The end of a log; when the first sign of the failure lies before it, the lines around that too. */
export function failingLines(log: string, bounds: LineBounds): string {
  const all = log.replace(/\s+$/, "").split("\n").map(cut);
  const end = lastLines(all, bounds);
  const first = all.findIndex((line) => FAILURE_SIGN.test(line));
  if (first === -1 || first >= all.length - end.length) return end.join("\n");
  const share = { lines: Math.floor(bounds.lines / 3), chars: Math.floor(bounds.chars / 3) };
  const early = firstLines(all.slice(Math.max(0, first - BEFORE)), share);
  if (early.length === 0) return end.join("\n");
  const left = { lines: bounds.lines - early.length - 1, chars: bounds.chars - sizeOf(early) - GAP.length - 1 };
  return [...early, GAP, ...lastLines(all, left)].join("\n");
}

const cut = (line: string): string => (line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line);

const sizeOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length + 1, 0);

function firstLines(lines: readonly string[], bounds: LineBounds): string[] {
  const kept: string[] = [];
  let size = 0;
  for (const line of lines.slice(0, bounds.lines)) {
    size += line.length + 1;
    if (size > bounds.chars) break;
    kept.push(line);
  }
  return kept;
}

const lastLines = (lines: readonly string[], bounds: LineBounds): string[] =>
  bounds.lines <= 0 ? [] : firstLines(lines.slice(-bounds.lines).reverse(), bounds).reverse();

const KEPT: LineBounds = { lines: 60, chars: 8192 };

/** The part of a log where the failure is, as it is kept and quoted: at most 60 lines and 8 KiB. */
export const boundLog = (log: string): string => failingLines(log, KEPT);
