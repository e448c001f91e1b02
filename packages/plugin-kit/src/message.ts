/** How a message reaches a program that reads a terminal. */
export type PasteWay = "bracketed" | "line" | "file";

/** macOS takes 1,024 bytes of a line in a cooked terminal, Linux 4,096; what is over is dropped without a word. */
export const LONGEST_LINE_BYTES = 1_000;

/** For a program that has bracketed paste on, or has not. */
export function chooseWay(text: string, isBracketed: boolean): PasteWay {
  if (isBracketed) return "bracketed";
  return text.includes("\n") || Buffer.byteLength(text) > LONGEST_LINE_BYTES ? "file" : "line";
}

/** The one line that stands for a message kept in a file. */
export const fileLine = (path: string): string => `Read the file ${path} and do what it says: it is a message for you.`;

/** How a message is typed the way a person would. */
export const TYPING = {
  /** Some programs take a larger burst for a paste, and mark it as someone else's words. */
  pieceBytes: 400,
  gapMs: 25,
  /** A program that has just redrawn a long text takes an Enter too soon for a line feed. */
  beforeEnterMs: 300,
} as const;

/** Pieces of at most so many bytes that split no character. */
export function piecesOf(text: string, bytes: number = TYPING.pieceBytes): string[] {
  const pieces: string[] = [];
  let piece = "";
  let size = 0;
  for (const char of text) {
    const more = Buffer.byteLength(char);
    if (size + more > bytes) {
      pieces.push(piece);
      piece = "";
      size = 0;
    }
    piece += char;
    size += more;
  }
  return piece === "" ? pieces : [...pieces, piece];
}
