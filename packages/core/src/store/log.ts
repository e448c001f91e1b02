import { join } from "node:path";
import { closeQuietly, fileError, syncDir, writeAll } from "../host/files.ts";
import { errnoOf, type Fs, OPEN } from "../host/fs-port.ts";
import { AoError } from "../model/errors.ts";
import { sealLine } from "./line.ts";
import { type LogRecord, MAX_BATCH_BYTES, MAX_LINE_BYTES, segmentName } from "./segment.ts";
import { splitDraft } from "./split.ts";

/** A record that has no place in the log yet. */
export interface RecordDraft {
  type: string;
  [member: string]: unknown;
}

/** Where the next line goes, as recovery found it. */
export interface LogTail {
  /** The segment to continue with, or null for a new one. */
  segment: string | null;
  /** Length of that segment. */
  length: number;
  nextSeq: number;
}

export interface LogOptions {
  fs: Fs;
  dir: string;
  tail: LogTail;
  epoch: number;
  /** At this length a new segment is started. */
  segmentBytes?: number;
  newId: () => string;
  isoNow: () => string;
}

export interface LogWriter {
  readonly lastSeq: number;
  /** Why nothing can be written until the log is opened again, or null. */
  readonly poisonedBy: string | null;
  /** Makes all of them durable at once, or throws and writes none. */
  append(drafts: readonly RecordDraft[]): LogRecord[];
  /** How many segments this writer has started. */
  readonly rotations: number;
  close(): void;
}

export const SEGMENT_BYTES = 4 << 20;

/** Shortages that don't affect what is already on the disk. */
const PASSING = new Set(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE"]);

interface Open {
  fd: number | null;
  segment: string | null;
  length: number;
  poisonedBy: string | null;
  rotations: number;
}

export function openLog(options: LogOptions): LogWriter {
  const { fs, tail } = options;
  const open: Open = { fd: null, segment: tail.segment, length: tail.length, poisonedBy: null, rotations: 0 };
  let nextSeq = tail.nextSeq;
  return {
    get lastSeq() {
      return nextSeq - 1;
    },
    get poisonedBy() {
      return open.poisonedBy;
    },
    get rotations() {
      return open.rotations;
    },
    append(drafts) {
      if (open.poisonedBy !== null) {
        throw new AoError("UNAVAILABLE", `the event log is closed: ${open.poisonedBy}`, { hint: "Try `ao restart`." });
      }
      const { records, bytes } = encode(drafts, nextSeq, options);
      const { fd, path } = ready(options, open, nextSeq);
      try {
        writeAll(fs, fd, bytes);
      } catch (error) {
        rollBack(fs, open, { fd, path, error });
      }
      try {
        fs.fdatasync(fd);
      } catch (error) {
        // After a failed sync nobody knows what is on the disk, and a second try could report a false success.
        poison(open, `sync ${path}`, error);
      }
      open.length += bytes.length;
      nextSeq += records.length;
      return records;
    },
    close() {
      if (open.fd !== null) closeQuietly(fs, open.fd);
      open.fd = null;
      open.poisonedBy ??= "it was closed";
    },
  };
}

/** The descriptor for the next line. Starts a new segment if this one is full. */
function ready(options: LogOptions, open: Open, nextSeq: number): { fd: number; path: string } {
  const { fs, dir } = options;
  if (open.segment !== null && open.length >= (options.segmentBytes ?? SEGMENT_BYTES)) {
    if (open.fd !== null) closeQuietly(fs, open.fd);
    Object.assign(open, { fd: null, segment: null, length: 0 });
  }
  const name = open.segment ?? segmentName(nextSeq);
  const path = join(dir, name);
  if (open.fd !== null) return { fd: open.fd, path };
  const fd = openSegment(fs, path, open.length);
  try {
    // Also for a segment of an earlier run, whose name may date from just before a crash.
    syncDir(fs, dir);
  } catch (error) {
    closeQuietly(fs, fd);
    if (!PASSING.has(errnoOf(error) ?? "")) poison(open, `sync the folder ${dir}`, error);
    throw fileError("open", path, error);
  }
  if (open.segment === null) open.rotations += 1;
  Object.assign(open, { fd, segment: name });
  return { fd, path };
}

function poison(open: Open, what: string, cause: unknown): never {
  open.poisonedBy = `could not ${what} (${errnoOf(cause) ?? "unknown error"})`;
  throw new AoError("UNAVAILABLE", `the event log can't be written any more: ${open.poisonedBy}`, {
    hint: "Check the disk, then run `ao restart`.",
    cause,
  });
}

/** Undoes an append that did not fit. Otherwise its remains would run into the next line. */
function rollBack(fs: Fs, open: Open, failed: { fd: number; path: string; error: unknown }): never {
  try {
    fs.ftruncate(failed.fd, open.length);
    fs.fsync(failed.fd);
  } catch (error) {
    poison(open, `undo a half-written line in ${failed.path}`, error);
  }
  throw fileError("write", failed.path, failed.error);
}

function openSegment(fs: Fs, path: string, length: number): number {
  let fd: number | null = null;
  try {
    fd = fs.open(path, OPEN.append, 0o600);
    const size = fs.fstat(fd).size;
    if (size !== length) throw Object.assign(new Error(`${size} bytes instead of ${length}`), { code: "EIO" });
    return fd;
  } catch (error) {
    if (fd !== null) closeQuietly(fs, fd);
    throw fileError("open", path, error);
  }
}

interface Encoded {
  records: LogRecord[];
  lines: Buffer[];
}

function encode(drafts: readonly RecordDraft[], firstSeq: number, options: LogOptions) {
  const first = encodeLines(drafts, firstSeq, options);
  const isTooLong = first.lines.some((line) => line.length >= MAX_LINE_BYTES);
  const { records, lines } = isTooLong ? encodeLines(drafts.flatMap(splitDraft), firstSeq, options) : first;
  const longest = lines.reduce((most, line) => Math.max(most, line.length), 0);
  if (longest >= MAX_LINE_BYTES) throw tooBig("a line", longest);
  const bytes = Buffer.concat(lines.flatMap((line) => [line, NEWLINE]));
  if (bytes.length > MAX_BATCH_BYTES) throw tooBig("a commit", bytes.length);
  return { records, bytes };
}

function encodeLines(drafts: readonly RecordDraft[], firstSeq: number, options: LogOptions): Encoded {
  const lastSeq = firstSeq + drafts.length - 1;
  const belongs = drafts.length === 1 ? {} : { batch: [firstSeq, lastSeq] as [number, number] };
  const records = drafts.map((draft, index): LogRecord => {
    const place = { seq: firstSeq + index, id: options.newId(), ts: options.isoNow() };
    return { ...place, ...draft, epoch: options.epoch, ...belongs };
  });
  return { records, lines: records.map(sealLine) };
}

const NEWLINE = Buffer.from("\n");

function tooBig(what: string, bytes: number): AoError {
  return new AoError("FAILED", `${what} of ${bytes} bytes is more than the log takes`, { details: { bytes } });
}
