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
