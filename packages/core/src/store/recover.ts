import { join } from "node:path";
import { atomicReplace, closeQuietly, ensureDir, fileError, readSmall } from "../host/files.ts";
import { type Fs, OPEN } from "../host/fs-port.ts";
import { isAoError } from "../model/errors.ts";
import { crcHex } from "./crc.ts";
import type { LogTail } from "./log.ts";
import { type Problem, problem } from "./problem.ts";
import {
  type LogRecord,
  listSegments,
  MAX_BATCH_BYTES,
  MAX_SEGMENT_BYTES,
  type SegmentFile,
  scanSegment,
} from "./segment.ts";

/** A tail that nothing proves to be one commit is cut only up to this length. */
export const MAX_UNPROVEN_CUT = 64 << 10;

export interface Recovered {
  tail: LogTail;
  problems: Problem[];
}

export interface RecoverOptions {
  fs: Fs;
  dir: string;
  quarantineDir: string;
  /** Everything up to here is known already (from the checkpoint); segments wholly before it are not read. */
  afterSeq: number;
  /** Called for each readable record after `afterSeq`, in order. */
  onRecord: (record: LogRecord) => void;
}

/**
 * Reads the log and makes its end fit to write on. Damage is reported, never thrown, and no byte is removed that is not
 * provably the unfinished end of one commit; a copy of that is kept first. A failing disk is thrown: it is not damage.
 */
export function recoverLog(options: RecoverOptions): Recovered {
  const segments = listSegments(options.fs, options.dir);
  const problems: Problem[] = [];
  const walk = { expected: options.afterSeq + 1, highest: options.afterSeq };
  let tail: LogTail = { segment: null, length: 0, nextSeq: walk.expected };
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (next !== undefined && next.firstSeq <= options.afterSeq + 1) continue;
    const bytes = readSegment(options, segment, problems);
    if (bytes === null) {
      walk.highest = Math.max(walk.highest, segment.firstSeq + MAX_SEGMENT_BYTES);
      continue;
    }
    const scanned = scanOne(segment, bytes, next === undefined);
    problems.push(...replay(scanned, options, walk));
    tail = next === undefined ? endOf(scanned, options, problems) : tail;
    walk.highest = Math.max(walk.highest, segment.firstSeq - 1, scanned.highestSeq);
  }
  return { tail: { ...tail, nextSeq: walk.highest + 1 }, problems };
}

interface Scanned {
  segment: SegmentFile;
  bytes: Buffer;
  records: LogRecord[];
  bad: { start: number; end: number }[];
  /** Where the last whole commit ends; from here on it is unfinished or damaged. */
  goodEnd: number;
  isTerminated: boolean;
  tornAt: number | null;
  highestSeq: number;
}

function readSegment(options: RecoverOptions, segment: SegmentFile, problems: Problem[]): Buffer | null {
  try {
    return readSmall(segment.path, { fs: options.fs, maxBytes: MAX_SEGMENT_BYTES }) ?? Buffer.alloc(0);
  } catch (error) {
    if (!isAoError(error) || error.code !== "REFUSED") throw error;
    problems.push(problem("log-damaged", error.message, { path: segment.path }));
    return null;
  }
}

function scanOne(segment: SegmentFile, bytes: Buffer, isLast: boolean): Scanned {
  const scanned: Scanned = {
    segment,
    bytes,
    records: [],
    bad: [],
    goodEnd: 0,
    isTerminated: true,
    tornAt: null,
    highestSeq: segment.firstSeq - 1,
  };
  let complete = 0;
  for (const piece of scanSegment(bytes)) {
    if (piece.record === null) {
      const last = scanned.bad.at(-1);
      if (last !== undefined && last.end === piece.start) last.end = piece.end;
      else scanned.bad.push({ start: piece.start, end: piece.end });
      continue;
    }
    scanned.records.push(piece.record);
    if ((piece.record.batch?.[1] ?? piece.record.seq) === piece.record.seq) {
      scanned.goodEnd = piece.end;
      scanned.isTerminated = piece.isTerminated;
      complete = scanned.records.length;
    }
  }
  const unfinished = scanned.records.slice(complete);
  if (isLast && isTorn(scanned, unfinished)) {
    scanned.tornAt = scanned.goodEnd;
    scanned.records.length = complete;
    scanned.bad = scanned.bad.filter((region) => region.end <= scanned.goodEnd);
  }
  const lastSeq = scanned.records.reduce((most, record) => Math.max(most, record.seq), scanned.highestSeq);
  // Lines that can't be read had numbers too: none of them is given out again.
  const unreadable = scanned.bad.reduce((sum, region) => sum + region.end - region.start, 0);
  scanned.highestSeq =
    lastSeq + (unreadable > 0 && scanned.bad.at(-1)?.end === bytes.length ? Math.ceil(unreadable / 64) : 0);
  return scanned;
}

/**
 * Is what follows the last whole commit the unfinished end of one write? It then is some of that commit's first lines
 * and at most one broken piece, which stops in the middle (no newline) or was never filled (NUL bytes).
 */
function isTorn(scanned: Scanned, unfinished: LogRecord[]): boolean {
  const { bytes, goodEnd, bad } = scanned;
  const length = bytes.length - goodEnd;
  if (length === 0) return false;
  const broken = bad.filter((region) => region.end > goodEnd);
  const only = broken[0];
  if (broken.length > 1 || (only !== undefined && only.end !== bytes.length)) return false;
  const first = unfinished[0];
  const isOneCommit = unfinished.every((record) => record.batch?.[0] === first?.seq);
  if (!isOneCommit) return false;
  if (only !== undefined) {
    const piece = bytes.subarray(only.start, only.end);
    if (piece.at(-1) === 10 && !piece.includes(0)) return false;
  }
  const lastSeq = scanned.records.at(-1 - unfinished.length)?.seq ?? scanned.segment.firstSeq - 1;
  const nextLine = Buffer.from(`{"seq":${lastSeq + 1},`);
  const isProven = bytes.subarray(goodEnd, goodEnd + nextLine.length).equals(nextLine);
  return length <= (isProven ? MAX_BATCH_BYTES : MAX_UNPROVEN_CUT);
}

/** Hands over what is readable and new, and says what was missing. */
function replay(scanned: Scanned, options: RecoverOptions, walk: { expected: number }): Problem[] {
  const { segment } = scanned;
  const path = segment.path;
  const found = scanned.bad.map(({ start, end }) =>
    problem(
      "log-damaged",
      `${end - start} bytes at ${start} of ${segment.name} can't be read; they were left as they are`,
      {
        path,
      },
    ),
  );
  for (const record of scanned.records) {
    if (record.seq <= options.afterSeq) continue;
    if (record.seq < walk.expected) {
      found.push(problem("log-damaged", `${segment.name} has line ${record.seq} again; it was ignored`, { path }));
      continue;
    }
    if (record.seq > walk.expected) {
      const missing = `${walk.expected} to ${record.seq - 1}`;
      found.push(problem("log-gap", `${segment.name}: lines ${missing} are missing`, { path }));
    }
    walk.expected = record.seq + 1;
    options.onRecord(record);
  }
  return found;
}

/** Cuts a torn end (after keeping a copy), and decides where the next line goes. */
function endOf(scanned: Scanned, options: RecoverOptions, problems: Problem[]): LogTail {
  const { segment, bytes, tornAt } = scanned;
  if (tornAt !== null) {
    const torn = bytes.subarray(tornAt);
    const keptAt = join(options.quarantineDir, `${segment.name}.${tornAt}.${crcHex(torn)}.torn`);
    ensureDir(options.quarantineDir, { fs: options.fs });
    atomicReplace(keptAt, torn, { fs: options.fs });
    truncate(options.fs, segment.path, tornAt);
    const message = `the last write to ${segment.name} was not finished; ${torn.length} bytes were cut`;
    problems.push(problem("log-torn", message, { path: segment.path, keptAt }));
  }
  const end = tornAt ?? bytes.length;
  const isWhole = end === 0 || bytes[end - 1] === 10;
  const isDamaged = scanned.bad.some((region) => region.end === end);
  // Nothing is ever written behind bytes that can't be read, nor glued to a line without its newline.
  if (!isWhole || isDamaged) return { segment: null, length: 0, nextSeq: 0 };
  return { segment: segment.name, length: end, nextSeq: 0 };
}

function truncate(fs: Fs, path: string, length: number): void {
  let fd: number | null = null;
  try {
    fd = fs.open(path, OPEN.append, 0o600);
    fs.ftruncate(fd, length);
    fs.fsync(fd);
  } catch (error) {
    throw fileError("cut the unfinished end of", path, error);
  } finally {
    if (fd !== null) closeQuietly(fs, fd);
  }
}
