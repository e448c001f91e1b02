import { readSmall } from "../host/files.ts";
import type { Fs } from "../host/fs-port.ts";
import { isAoError } from "../model/errors.ts";
import { createJudge, type Judge } from "./judge.ts";
import { unpack } from "./packed.ts";
import { type Problem, problem } from "./problem.ts";
import {
  type Line,
  type LogRecord,
  listSegments,
  MAX_BATCH_BYTES,
  MAX_SEGMENT_BYTES,
  packedOf,
  type SegmentFile,
  scanSegment,
} from "./segment.ts";
import type { Signer } from "./signer.ts";

/** A tail that isn't provably one commit counts as torn only up to this length. */
export const MAX_UNPROVEN_CUT = 64 << 10;

export interface WalkOptions {
  fs: Fs;
  dir: string;
  /** Everything up to here is known from the checkpoint. Earlier segments are not read. */
  afterSeq: number;
  judge: Judge;
  /** Called for each record after `afterSeq` that counts, in order. */
  onRecord: (record: LogRecord) => void;
  /** Called after each file. */
  onFile?: ((done: number, of: number) => void) | undefined;
}

export interface Walked {
  problems: Problem[];
  /** The newest segment, or null if there is none or it can't be read. */
  last: Scanned | null;
  /** No number up to this one is used again. */
  highestSeq: number;
  /** The signature of the last line that counts, or null if no line has one. */
  lastSignature: string | null;
}

/** Reads the log in order. Reports damage, and throws only if the disk fails. Changes nothing. */
export function walkLog(options: WalkOptions): Walked {
  const segments = listSegments(options.fs, options.dir);
  const walked: Walked = { problems: [], last: null, highestSeq: options.afterSeq, lastSignature: null };
  const place: Place = { expected: options.afterSeq + 1, last: null };
  let foundSeq = segments.length === 0 ? options.afterSeq : 0;
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (next !== undefined && next.firstSeq <= options.afterSeq + 1) continue;
    const scanned = scan(segment, options, { isLast: next === undefined, problems: walked.problems });
    if (scanned !== null) walked.problems.push(...replay(scanned, options, place));
    if (next === undefined) walked.last = scanned;
    // Nobody knows how far the last segment went if it can't be read.
    const end = next === undefined ? segment.firstSeq + MAX_SEGMENT_BYTES : next.firstSeq - 1;
    foundSeq = Math.max(foundSeq, scanned?.highestSeq ?? end);
    options.onFile?.(index + 1, segments.length);
  }
  if (foundSeq < options.afterSeq) {
    const message = `the log ends at line ${foundSeq}, the checkpoint is of line ${options.afterSeq}`;
    walked.problems.push(problem("log-gap", message, { path: options.dir }));
  }
  walked.highestSeq = Math.max(walked.highestSeq, foundSeq);
  walked.lastSignature = place.last?.signature ?? null;
  return walked;
}

/** Reads the whole log, including what a start skips because of the checkpoint, and returns what is wrong with it. For `ao doctor`. */
export function verifyLog(fs: Fs, dir: string, signer: Signer): Problem[] {
  const judge = createJudge(signer, null);
  const { problems, last } = walkLog({ fs, dir, afterSeq: 0, judge, onRecord: () => undefined });
  if (last === null || last.tornAt === null) return problems;
  const { path, name } = last.segment;
  return [...problems, problem("log-torn", `the last write to ${name} was not finished`, { path })];
}

export interface Scanned {
  segment: SegmentFile;
  bytes: Buffer;
  /** The lines that count. */
  lines: Line[];
  bad: Region[];
  /** Where the last whole commit ends. What follows is unfinished or damaged. */
  goodEnd: number;
  tornAt: number | null;
  highestSeq: number;
}

/** Null if it can't be read. */
function scan(
  segment: SegmentFile,
  options: WalkOptions,
  { isLast, problems }: { isLast: boolean; problems: Problem[] },
): Scanned | null {
  if (segment.isPacked) return scanPacked(segment, options, problems);
  const bytes = readSegment(options.fs, segment, problems);
  if (bytes === "gone") return scanPacked(packedOf(segment), options, problems);
  return bytes === null ? null : scanOne({ segment, bytes, judge: options.judge, isLast });
}

function scanPacked(segment: SegmentFile, options: WalkOptions, problems: Problem[]): Scanned | null {
  const { lines, lastSeq, wrong } = unpack(options, segment);
  if (wrong !== null) problems.push(problem("log-damaged", `${segment.name} ${wrong}`, { path: segment.path }));
  if (lastSeq === null) return null;
  return { segment, bytes: NO_BYTES, lines, bad: [], goodEnd: 0, tornAt: null, highestSeq: lastSeq };
}

const NO_BYTES = Buffer.alloc(0);

/** "gone": it was packed since the folder was listed. */
function readSegment(fs: Fs, segment: SegmentFile, problems: Problem[]): Buffer | "gone" | null {
  try {
    return readSmall(segment.path, { fs, maxBytes: MAX_SEGMENT_BYTES }) ?? "gone";
  } catch (error) {
    if (!isAoError(error) || error.code !== "REFUSED") throw error;
    problems.push(problem("log-damaged", error.message, { path: segment.path }));
    return null;
  }
}

/** Bytes that don't count. */
interface Region {
  start: number;
  end: number;
  /** A whole line that `ao` did not write. Otherwise it can't be read. */
  isForeign: boolean;
}

interface Scan {
  segment: SegmentFile;
  bytes: Buffer;
  judge: Judge;
  isLast: boolean;
}

function scanOne({ segment, bytes, judge, isLast }: Scan): Scanned {
  const scanned: Scanned = {
    segment,
    bytes,
    lines: [],
    bad: [],
    goodEnd: 0,
    tornAt: null,
    highestSeq: segment.firstSeq - 1,
  };
  let complete = 0;
  for (const piece of scanSegment(bytes)) {
    if (piece.record === null || !judge.accepts(piece)) {
      const isForeign = piece.record !== null;
      const last = scanned.bad.at(-1);
      if (last !== undefined && last.end === piece.start && last.isForeign === isForeign) last.end = piece.end;
      else scanned.bad.push({ start: piece.start, end: piece.end, isForeign });
      continue;
    }
    scanned.lines.push(piece);
    if ((piece.record.batch?.[1] ?? piece.record.seq) === piece.record.seq) {
      scanned.goodEnd = piece.end;
      complete = scanned.lines.length;
    }
  }
  const unfinished = scanned.lines.slice(complete).map(({ record }) => record);
  if (isLast && isTorn(scanned, unfinished)) {
    scanned.tornAt = scanned.goodEnd;
    scanned.lines.length = complete;
    scanned.bad = scanned.bad.filter((region) => region.end <= scanned.goodEnd);
  }
  const lastSeq = scanned.lines.reduce((most, { record }) => Math.max(most, record.seq), scanned.highestSeq);
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
  const lastSeq = scanned.lines.at(-1 - unfinished.length)?.record.seq ?? scanned.segment.firstSeq - 1;
  const nextLine = Buffer.from(`{"seq":${lastSeq + 1},`);
  const isProven = bytes.subarray(goodEnd, goodEnd + nextLine.length).equals(nextLine);
  return length <= (isProven ? MAX_BATCH_BYTES : MAX_UNPROVEN_CUT);
}

interface Place {
  expected: number;
  last: Line | null;
}

/** Passes on what counts and is new, and reports what was missing. */
function replay(scanned: Scanned, options: WalkOptions, place: Place): Problem[] {
  const { segment } = scanned;
  const path = segment.path;
  const found = scanned.bad.map((region) => badBytes(region, segment));
  for (const line of scanned.lines) {
    const { record } = line;
    if (!follows(line, place.last)) {
      const message = `${segment.name}: line ${record.seq} was not written after the line ${record.seq - 1} that is there`;
      found.push(problem("log-damaged", message, { path }));
    }
    place.last = line;
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

function badBytes({ start, end, isForeign }: Region, { name, path }: SegmentFile): Problem {
  const where = `${end - start} bytes at ${start} of ${name}`;
  return isForeign
    ? problem("log-foreign", `${where} were not written by ao and don't count; they were left as they are`, { path })
    : problem("log-damaged", `${where} can't be read; they were left as they are`, { path });
}

/** Whether a line names the one before it as its predecessor. A gap between them is reported as such. */
function follows(line: Line, before: Line | null): boolean {
  if (before === null || line.record.seq !== before.record.seq + 1) return true;
  if (line.previous === null || before.signature === null) return true;
  return before.signature.startsWith(line.previous);
}
