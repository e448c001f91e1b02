import { readSmall } from "../host/files.ts";
import type { Fs } from "../host/fs-port.ts";
import { isAoError } from "../model/errors.ts";
import { layoutOf } from "./layout.ts";
import { type Problem, problem } from "./problem.ts";
import {
  type LogRecord,
  listSegments,
  MAX_BATCH_BYTES,
  MAX_SEGMENT_BYTES,
  type SegmentFile,
  scanSegment,
} from "./segment.ts";

/** A tail that isn't provably one commit counts as torn only up to this length. */
export const MAX_UNPROVEN_CUT = 64 << 10;

export interface WalkOptions {
  fs: Fs;
  dir: string;
  /** Everything up to here is known from the checkpoint. Earlier segments are not read. */
  afterSeq: number;
  /** Called for each readable record after `afterSeq`, in order. */
  onRecord: (record: LogRecord) => void;
}

export interface Walked {
  problems: Problem[];
  /** The newest segment, or null if there is none or it can't be read. */
  last: Scanned | null;
  /** No number up to this one is used again. */
  highestSeq: number;
}

/** Reads the log in order. Reports damage, and throws only if the disk fails. Changes nothing. */
export function walkLog(options: WalkOptions): Walked {
  const segments = listSegments(options.fs, options.dir);
  const walked: Walked = { problems: [], last: null, highestSeq: options.afterSeq };
  const place = { expected: options.afterSeq + 1 };
  let foundSeq = segments.length === 0 ? options.afterSeq : 0;
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (next !== undefined && next.firstSeq <= options.afterSeq + 1) continue;
    const bytes = readSegment(options.fs, segment, walked.problems);
    const scanned = bytes === null ? null : scanOne(segment, bytes, next === undefined);
    if (scanned !== null) walked.problems.push(...replay(scanned, options, place));
    if (next === undefined) walked.last = scanned;
    // Nobody knows how far a segment went that can't be read.
    foundSeq = Math.max(foundSeq, scanned?.highestSeq ?? segment.firstSeq + MAX_SEGMENT_BYTES);
  }
  if (foundSeq < options.afterSeq) {
    const message = `the log ends at line ${foundSeq}, the checkpoint is of line ${options.afterSeq}`;
    walked.problems.push(problem("log-gap", message, { path: options.dir }));
  }
  walked.highestSeq = Math.max(walked.highestSeq, foundSeq);
  return walked;
}

/** Reads the whole log, including what a start skips because of the checkpoint, and returns what is wrong with it. For `ao doctor`. */
export function verifyLog(fs: Fs, home: string): Problem[] {
  const { problems, last } = walkLog({ fs, dir: layoutOf(home).events, afterSeq: 0, onRecord: () => undefined });
  if (last === null || last.tornAt === null) return problems;
  const { path, name } = last.segment;
  return [...problems, problem("log-torn", `the last write to ${name} was not finished`, { path })];
}

export interface Scanned {
  segment: SegmentFile;
  bytes: Buffer;
  records: LogRecord[];
  bad: { start: number; end: number }[];
  /** Where the last whole commit ends. What follows is unfinished or damaged. */
  goodEnd: number;
  tornAt: number | null;
  highestSeq: number;
}

function readSegment(fs: Fs, segment: SegmentFile, problems: Problem[]): Buffer | null {
  try {
    return readSmall(segment.path, { fs, maxBytes: MAX_SEGMENT_BYTES }) ?? Buffer.alloc(0);
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
  // Unreadable lines had numbers too. None of them is used again.
  const unreadable = scanned.bad.reduce((sum, region) => sum + region.end - region.start, 0);
  scanned.highestSeq =
    lastSeq + (unreadable > 0 && scanned.bad.at(-1)?.end === bytes.length ? Math.ceil(unreadable / 64) : 0);
  return scanned;
}

const UNFILLED = Buffer.alloc(8);

/**
 * Whether what follows the last whole commit is the unfinished end of one write: some of that commit's first lines, and
 * at most one broken piece, which stops in the middle (no newline) or was never filled (NUL bytes).
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
    if (piece.at(-1) === 10 && !piece.includes(UNFILLED)) return false;
  }
  const lastSeq = scanned.records.at(-1 - unfinished.length)?.seq ?? scanned.segment.firstSeq - 1;
  const nextLine = Buffer.from(`{"seq":${lastSeq + 1},`);
  const isProven = bytes.subarray(goodEnd, goodEnd + nextLine.length).equals(nextLine);
  return length <= (isProven ? MAX_BATCH_BYTES : MAX_UNPROVEN_CUT);
}

/** Passes on what is readable and new, and reports what was missing. */
function replay(scanned: Scanned, options: WalkOptions, place: { expected: number }): Problem[] {
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
    if (record.seq < place.expected) {
      found.push(problem("log-damaged", `${segment.name} has line ${record.seq} again; it was ignored`, { path }));
      continue;
    }
    if (record.seq > place.expected) {
      const missing = `${place.expected} to ${record.seq - 1}`;
      found.push(problem("log-gap", `${segment.name}: lines ${missing} are missing`, { path }));
    }
    place.expected = record.seq + 1;
    options.onRecord(record);
  }
  return found;
}
