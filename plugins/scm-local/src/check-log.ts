import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { cleanForTerminal, FAILURE_SIGN } from "@agent-orchestrator/core/model/text";

const DEFAULT_MAX_BYTES = 16 * 1024;

/** Returns the end of a log, and the first sign of the failure if it comes before that. Whole lines where possible. */
export function failingPart(log: string, maxBytes = DEFAULT_MAX_BYTES): string {
  const text = cleanForTerminal(log).trimEnd();
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const tail = lastBytes(text, maxBytes);
  const first = FAILURE_SIGN.exec(text)?.index;
  if (first === undefined || first >= text.length - tail.length || maxBytes < 1_024) return tail;
  const gap = "\n[…]\n";
  const early = firstBytes(text.slice(lineStart(text, first, 3)), Math.floor(maxBytes / 3));
  return early + gap + lastBytes(text, maxBytes - Buffer.byteLength(early) - Buffer.byteLength(gap));
}

/** `lines` lines before the one at `index`. */
function lineStart(text: string, index: number, lines: number): number {
  let start = index;
  for (let back = 0; back <= lines && start > 0; back++) start = text.lastIndexOf("\n", start - 2) + 1;
  return start;
}

function lastBytes(text: string, max: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= max) return text;
  const cut = bytes.subarray(bytes.length - max);
  const newline = cut.indexOf(10);
  // A split character at the edge is dropped, with its line where possible.
  const from = newline >= 0 && newline < max - 1 ? newline + 1 : wholeFrom(cut);
  return cut.subarray(from).toString("utf8");
}

function firstBytes(text: string, max: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= max) return text;
  const cut = bytes.subarray(0, max);
  const newline = cut.lastIndexOf(10);
  return newline > 0 ? cut.subarray(0, newline).toString("utf8") : cut.toString("utf8").replace(/\ufffd+$/, "");
}

function wholeFrom(bytes: Buffer): number {
  let from = 0;
  while (from < 4 && ((bytes[from] ?? 0) & 0xc0) === 0x80) from++;
  return from;
}

/** Returns at most the last `max` bytes of a file. Null if there is no file. */
export function readEnd(path: string, max: number): string | null {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, max));
    const count = readSync(fd, bytes, 0, bytes.length, Math.max(0, size - max));
    return bytes.subarray(0, count).toString("utf8");
  } finally {
    closeSync(fd);
  }
}
