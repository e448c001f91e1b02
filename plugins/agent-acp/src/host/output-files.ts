import { appendFileSync, renameSync, statSync } from "node:fs";

const KEPT_BYTES = 1 << 20;

export interface KeptText {
  add(lines: readonly string[]): void;
}

/** What the user sees, stored as plain text: the newest part in `file`, the earlier part in `file.old`. */
export function keptText(file: string): KeptText {
  let bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return {
    add(lines) {
      const text = lines.map((line) => `${line.replace(/\u001b\[\d+m/g, "")}\n`).join("");
      try {
        if (bytes > KEPT_BYTES) {
          renameSync(file, `${file}.old`);
          bytes = 0;
        }
        bytes += Buffer.byteLength(text);
        appendFileSync(file, text, { mode: 0o600 });
      } catch {
        // The disk is full. Don't stop the work for the sake of a copy.
      }
    },
  };
}

export interface Noise {
  take(line: string): void;
  /** The last lines, for an agent that ended with an error. */
  last(): string[];
}

const LAST_LINES = 5;

/**
 * What an agent prints outside the protocol. While it starts, that is all the user has to see what is wrong. Later it is the agent's own
 * log, and goes to a file.
 */
export function noise(file: string, show: (line: string) => void, isOpen: () => boolean): Noise {
  const last: string[] = [];
  let bytes = 0;
  return {
    take(line) {
      if (line.trim() === "") return;
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
      if (!isOpen()) show(line);
      bytes += Buffer.byteLength(line) + 1;
      if (bytes <= KEPT_BYTES) keep(file, line);
    },
    last: () => (isOpen() ? [...last] : []),
  };
}

function keep(file: string, line: string): void {
  try {
    appendFileSync(file, `${line}\n`, { mode: 0o600 });
  } catch {
    // The disk is full. Don't stop the work for the sake of a log.
  }
}
