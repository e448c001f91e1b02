/**
 * Follows a program's `ESC[?2004h` and `ESC[?2004l` in its output, as escaped by tmux's control client. tmux before 3.7
 * cannot be asked. `tail` carries a split sequence from one piece of output to the next.
 */
export interface PasteMode {
  /** Null if unknown, for example after the daemon restarted. */
  isBracketed: boolean | null;
  tail: string;
}

const LONGEST_TAIL = 32;

export function followPasteMode(mode: PasteMode, output: string): void {
  const text = mode.tail + output;
  mode.tail = text.slice(-LONGEST_TAIL);
  if (text.includes("2004")) {
    for (const [, numbers, letter] of text.matchAll(/\\033\[\?([\d;]{1,40})([hl])/g)) {
      if (numbers?.split(";").includes("2004")) mode.isBracketed = letter === "h";
    }
  }
  // A full reset turns every mode off. If both are in one piece, the later one counts.
  const reset = text.lastIndexOf("\\033c");
  if (reset >= 0 && reset > text.lastIndexOf("2004")) mode.isBracketed = false;
}
