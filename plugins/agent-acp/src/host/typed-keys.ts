import { PassThrough, type Readable } from "node:stream";

const BEGIN = "\u001b[200~";
const END = "\u001b[201~";
/** Represents a line ending inside a typed line. */
const FOLD = "␤";

export interface TypedKeys {
  /** Prepares input for a line editor, so that a paste is one line. */
  stream: Readable;
  take(bytes: Buffer): void;
  /** The original line. */
  unfolded(line: string): string;
}

/** A line editor would take each line of a paste for a separate line, and two keys for the end of the program. */
export function typedKeys(): TypedKeys {
  const stream = new PassThrough();
  const decoder = new TextDecoder();
  let isPasting = false;
  let rest = "";

  function pass(text: string): void {
    const clean = isPasting
      ? text.replace(/\r\n?|\n/g, FOLD).replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "")
      : text.replace(/[\u0004\u001a]/g, "");
    if (clean !== "") stream.write(clean);
  }

  return {
    stream,
    take(bytes) {
      let text = rest + decoder.decode(bytes, { stream: true });
      rest = "";
      for (;;) {
        const mark = isPasting ? END : BEGIN;
        const at = text.indexOf(mark);
        if (at === -1) break;
        pass(text.slice(0, at));
        isPasting = !isPasting;
        text = text.slice(at + mark.length);
      }
      const held = heldBack(text, isPasting);
      pass(text.slice(0, text.length - held));
      rest = text.slice(text.length - held);
    },
    unfolded: (line) => line.replaceAll(FOLD, "\n"),
  };
}

/** How many characters at the end may start a mark or a line ending, and must wait for more input. */
function heldBack(text: string, isPasting: boolean): number {
  if (isPasting && text.endsWith("\r")) return 1;
  const mark = isPasting ? END : BEGIN;
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length--) {
    if (mark.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
