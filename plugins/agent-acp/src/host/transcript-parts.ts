import { cleanLines, type Paint, wrap } from "./paint.ts";

export interface TranscriptParts {
  print(lines: readonly string[]): void;
  /** The terminal's width in columns. */
  width(): number;
  paint: Paint;
}

const MAX_WIDTH = 110;

export const widthOf = ({ width }: TranscriptParts): number => Math.max(20, Math.min(width(), MAX_WIDTH) - 2);
export const wrapped = (parts: TranscriptParts, text: string): string[] =>
  cleanLines(text).flatMap((line) => wrap(line, widthOf(parts)));
