import { closeSync, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import type { JournalEntry } from "./wire.ts";

const CHUNK = 1 << 20;

export interface JournalPart {
  entries: JournalEntry[];
  /** Where to read next: after the last whole line. */
  end: number;
}

/** The whole lines from a byte on. A missing file counts as empty, and foreign lines are skipped. */
export function readJournal(path: string, from: number): JournalPart {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { entries: [], end: 0 };
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    // It is shorter than what was read, so it is another file with new facts.
    const start = from > size ? 0 : from;
    const bytes = Buffer.alloc(Math.max(0, size - start));
    let length = 0;
    while (length < bytes.length) {
      const count = readSync(fd, bytes, length, Math.min(CHUNK, bytes.length - length), start + length);
      if (count === 0) break;
      length += count;
    }
    const whole = bytes.lastIndexOf(0x0a, length - 1) + 1;
    return { entries: bytes.toString("utf8", 0, whole).split("\n").flatMap(parse), end: start + whole };
  } finally {
    closeSync(fd);
  }
}

function parse(line: string): JournalEntry[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "k" in value ? [value as JournalEntry] : [];
  } catch {
    return []; // The incomplete line of a host that was killed while writing.
  }
}

export interface Journal {
  /** Its size in bytes. */
  size(): number;
  /** What can't be written now (disk full) is written with the next entry. */
  add(entry: JournalEntry): void;
  /** Returns once it is on disk, or throws. For what must not happen twice. */
  addSurely(entry: JournalEntry): void;
}

/** The host is its only writer. */
export function openJournal(path: string): Journal {
  const fd = openSync(path, "a", 0o600);
  let { size } = fstatSync(fd);
  let rest = endsWithNewline(path, size) ? Buffer.alloc(0) : Buffer.from("\n");
  const put = (entry: JournalEntry): void => {
    rest = Buffer.concat([rest, Buffer.from(`${JSON.stringify(entry)}\n`)]);
    while (rest.length > 0) {
      const count = writeSync(fd, rest);
      rest = rest.subarray(count);
      size += count;
    }
  };
  return {
    size: () => size,
    add(entry) {
      try {
        put(entry);
      } catch (error) {
        if (!NO_ROOM.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
      }
    },
    addSurely(entry) {
      put(entry);
      fdatasyncSync(fd);
    },
  };
}

const NO_ROOM = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

function endsWithNewline(path: string, size: number): boolean {
  if (size === 0) return true;
  const fd = openSync(path, "r");
  try {
    const last = Buffer.alloc(1);
    readSync(fd, last, 0, 1, size - 1);
    return last[0] === 0x0a;
  } finally {
    closeSync(fd);
  }
}
