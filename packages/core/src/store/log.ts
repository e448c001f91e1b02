import { basename, join } from "node:path";
import { closeQuietly, ensureDir, fileError, syncDir, writeAll } from "../host/files.ts";
import { errnoOf, type FileStat, type Fs, OPEN } from "../host/fs-port.ts";
import { AoError } from "../model/errors.ts";
import { sealLine } from "./line.ts";
import { type LogRecord, MAX_BATCH_BYTES, MAX_LINE_BYTES, PREVIOUS_DIGITS, segmentName } from "./segment.ts";
import type { Signer } from "./signer.ts";
import { splitDraft } from "./split.ts";
import { freeName } from "./view-files.ts";

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
  /** The signature of the last line that counts, or null if there is none. */
  lastSignature: string | null;
}

export interface LogOptions {
  fs: Fs;
  dir: string;
  quarantineDir: string;
  tail: LogTail;
  epoch: number;
  signer: Signer;
  /** Called when another program changed the segment, after writing moved on to a new one. */
  onForeign?: (path: string, what: string) => void;
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
  ino: number;
  poisonedBy: string | null;
  rotations: number;
}

export function openLog(options: LogOptions): LogWriter {
  const { fs, tail } = options;
  const open: Open = { fd: null, segment: tail.segment, length: tail.length, ino: 0, poisonedBy: null, rotations: 0 };
  let { nextSeq, lastSignature } = tail;
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
      const { records, bytes, ...encoded } = encode(drafts, { firstSeq: nextSeq, lastSignature }, options);
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
      lastSignature = encoded.lastSignature;
      return records;
    },
    close() {
      if (open.fd !== null) closeQuietly(fs, open.fd);
      open.fd = null;
      open.poisonedBy ??= "it was closed";
    },
  };
}

/** The descriptor for the next line. Starts a new segment if this one is full, or no longer what was written to it. */
function ready(options: LogOptions, open: Open, nextSeq: number): { fd: number; path: string } {
  const { fs, dir } = options;
  const foreign = foreignIn(fs, dir, open);
  if (foreign !== null || (open.segment !== null && open.length >= (options.segmentBytes ?? SEGMENT_BYTES))) {
    if (open.fd !== null) closeQuietly(fs, open.fd);
    Object.assign(open, { fd: null, segment: null, length: 0 });
  }
  if (foreign !== null) options.onForeign?.(foreign.path, foreign.what);
  const name = open.segment ?? segmentName(nextSeq);
  const path = join(dir, name);
  if (open.fd !== null) return { fd: open.fd, path };
  if (open.segment === null) makeWay(options, path);
  const { fd, ino } = openSegment(fs, path, open.length);
  try {
    // Also for a segment of an earlier run, whose name may date from just before a crash.
    syncDir(fs, dir);
  } catch (error) {
    closeQuietly(fs, fd);
    if (!PASSING.has(errnoOf(error) ?? "")) poison(open, `sync the folder ${dir}`, error);
    throw fileError("open", path, error);
  }
  if (open.segment === null) open.rotations += 1;
  Object.assign(open, { fd, ino, segment: name });
  return { fd, path };
}

/** What another program did to the segment that is being written, or null. Only the holder of the lock may write to it. */
function foreignIn(fs: Fs, dir: string, open: Open): { path: string; what: string } | null {
  if (open.fd === null || open.segment === null) return null;
  const path = join(dir, open.segment);
  const found = lookAt(fs, path);
  if (found === null || found.ino !== open.ino) return { path, what: "was removed or replaced" };
  const added = found.size - open.length;
  if (added === 0) return null;
  return { path, what: added > 0 ? `has ${added} bytes that ao did not write` : `was cut by ${-added} bytes` };
}

function lookAt(fs: Fs, path: string): FileStat | null {
  try {
    return fs.lstat(path);
  } catch (error) {
    if (MISSING.has(errnoOf(error) ?? "")) return null;
    throw fileError("look at", path, error);
  }
}

const MISSING = new Set(["ENOENT", "ENOTDIR"]);

/** For a new segment: creates the folder if it is gone, and moves away what has the segment's name already. */
function makeWay({ fs, dir, quarantineDir }: LogOptions, path: string): void {
  ensureDir(dir, { fs });
  const found = lookAt(fs, path);
  if (found === null || (found.isFile() && found.size === 0)) return;
  ensureDir(quarantineDir, { fs });
  try {
    fs.rename(path, freeName(fs, join(quarantineDir, basename(path))));
  } catch (error) {
    throw fileError("move away", path, error);
  }
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

function openSegment(fs: Fs, path: string, length: number): { fd: number; ino: number } {
  let fd: number | null = null;
  try {
    fd = fs.open(path, OPEN.append, 0o600);
    const { size, ino } = fs.fstat(fd);
    if (size !== length) throw Object.assign(new Error(`${size} bytes instead of ${length}`), { code: "EIO" });
    return { fd, ino };
  } catch (error) {
    if (fd !== null) closeQuietly(fs, fd);
    throw fileError("open", path, error);
  }
}

/** Where the first of some lines goes. */
interface Place {
  firstSeq: number;
  lastSignature: string | null;
}

interface Encoded {
  records: LogRecord[];
  lines: Buffer[];
  lastSignature: string | null;
}

function encode(drafts: readonly RecordDraft[], place: Place, options: LogOptions) {
  const first = encodeLines(drafts, place, options);
  const isTooLong = first.lines.some((line) => line.length >= MAX_LINE_BYTES);
  const encoded = isTooLong ? encodeLines(drafts.flatMap(splitDraft), place, options) : first;
  const { records, lines, lastSignature } = encoded;
  const longest = lines.reduce((most, line) => Math.max(most, line.length), 0);
  if (longest >= MAX_LINE_BYTES) throw tooBig("a line", longest);
  const bytes = Buffer.concat(lines.flatMap((line) => [line, NEWLINE]));
  if (bytes.length > MAX_BATCH_BYTES) throw tooBig("a commit", bytes.length);
  return { records, bytes, lastSignature };
}

function encodeLines(drafts: readonly RecordDraft[], { firstSeq, lastSignature }: Place, options: LogOptions): Encoded {
  const lastSeq = firstSeq + drafts.length - 1;
  const belongs = drafts.length === 1 ? {} : { batch: [firstSeq, lastSeq] as [number, number] };
  const encoded: Encoded = { records: [], lines: [], lastSignature };
  for (const [index, draft] of drafts.entries()) {
    const id = isInternal(draft) ? {} : { id: options.newId() };
    const place = { seq: firstSeq + index, ...id, ts: options.isoNow() };
    const record: LogRecord = { ...place, ...draft, epoch: options.epoch, ...belongs };
    const prev = encoded.lastSignature?.slice(0, PREVIOUS_DIGITS);
    const { line, signature } = sealLine({ ...record, prev }, options.signer, "line");
    encoded.records.push(record);
    encoded.lines.push(line);
    encoded.lastSignature = signature;
  }
  return encoded;
}

const NEWLINE = Buffer.from("\n");

/** Nobody names such a line: its number is enough. */
const isInternal = ({ type }: RecordDraft): boolean => type.startsWith("ao.");

function tooBig(what: string, bytes: number): AoError {
  return new AoError("FAILED", `${what} of ${bytes} bytes is more than the log takes`, { details: { bytes } });
}
