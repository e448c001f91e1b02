import { cleanLines, type Paint, wrap } from "./paint.ts";

export type Voice = "message" | "thought" | "user";
const VOICES: Record<Voice, { mark: string; colour: "dim" | "bold" | null }> = {
  message: { mark: "● ", colour: null },
  thought: { mark: "✻ ", colour: "dim" },
  user: { mark: "❯ ", colour: "bold" },
};

/** Prints what the agent says in pieces: whole lines once they are complete, the rest at the end. */
export function speech(parts: TranscriptParts) {
  let voice: Voice | null = null;
  let message: string | null = null;
  let pending = "";
  let isFirst = true;

  function print(text: string): void {
    if (text.trim() === "" && isFirst) return;
    const lines = cleanLines(text).flatMap((line) => wrap(line, widthOf(parts)));
    const { mark, colour } = VOICES[voice ?? "message"];
    const marked = lines.map((line, at) => ((at === 0 && isFirst ? mark : "  ") + line).trimEnd());
    const out = marked.map((line) => (colour === null ? line : parts.paint(colour, line)));
    parts.print(isFirst ? ["", ...out] : out);
    isFirst = false;
  }

  function end(): void {
    if (pending !== "") print(pending);
    pending = "";
    voice = null;
    isFirst = true;
  }

  return {
    end,
    add(by: Voice, text: string, id: string | null | undefined) {
      if (voice !== by || (id ?? null) !== message) {
        end();
        voice = by;
        message = id ?? null;
      }
      pending += text;
      const whole = pending.lastIndexOf("\n") + 1;
      if (whole === 0) return;
      print(pending.slice(0, whole - 1));
      pending = pending.slice(whole);
    },
  };
}

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
