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
