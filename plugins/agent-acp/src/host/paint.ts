import { cleanForTerminal } from "@agent-orchestrator/core/model/text";

export type Colour = "dim" | "bold" | "red" | "green" | "yellow" | "cyan";
/** Colours a text, or leaves it unchanged without colours. */
export type Paint = (colour: Colour, text: string) => string;

const CODES: Record<Colour, [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

export function painter(hasColour: boolean): Paint {
  if (!hasColour) return (_colour, text) => text;
  return (colour, text) => {
    const [on, off] = CODES[colour];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  };
}

const TAB = "    ";

/** What an agent wrote, as lines for a terminal. Nothing in them can move the cursor or colour the screen. */
export const cleanLines = (text: string): string[] => cleanForTerminal(text).replaceAll("\t", TAB).split("\n");

/** Breaks a line at blanks to fit. Longer words stay whole, for copying. Keeps the line's indentation. */
export function wrap(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const indent = /^\s*(?:[-*•]\s+|\d+[.)]\s+)?/.exec(line)?.[0] ?? "";
  const hanging = " ".repeat(Math.min(indent.length, Math.floor(width / 2)));
  const lines: string[] = [];
  let now = indent;
  let hasWord = false;
  for (const word of line.slice(indent.length).split(" ")) {
    if (hasWord && now.length + 1 + word.length > width) {
      lines.push(now);
      now = hanging + word;
    } else {
      now = hasWord ? `${now} ${word}` : now + word;
    }
    hasWord = true;
  }
  return [...lines, now];
}

/** The first lines, and the number of the rest. */
export function head(lines: readonly string[], max: number): string[] {
  const kept = lines.length > max + 1 ? lines.slice(0, max) : [...lines];
  const more = lines.length - kept.length;
  return more > 0 ? [...kept, `… ${more} more lines`] : kept;
}
