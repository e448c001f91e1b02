import { join } from "node:path";
import { listDir } from "../host/files.ts";
import type { Fs } from "../host/fs-port.ts";
import { openLine } from "./line.ts";

/** A line of the log. Unknown members are kept and ignored. */
export interface LogRecord {
  seq: number;
  /** Only events have one. */
  id?: string;
  ts: string;
  type: string;
  epoch: number;
  /** First and last number of the commit this line belongs to, if that has more than one line. */
  batch?: [number, number];
  [member: string]: unknown;
}

export const MAX_LINE_BYTES = 1 << 20;
/** Larger than any commit is allowed to be, so that a segment always fits. */
export const MAX_BATCH_BYTES = 16 << 20;
export const MAX_SEGMENT_BYTES = 64 << 20;

/** How much of its predecessor's signature a line repeats. */
export const PREVIOUS_DIGITS = 16;

/** A higher number than 10^15 is not ours, and would leave no numbers above it. */
const NAME = /^(0\d{15})\.jsonl(\.gz)?$/;

const stem = (firstSeq: number): string => String(firstSeq).padStart(16, "0");

export const segmentName = (firstSeq: number): string => `${stem(firstSeq)}.jsonl`;
/** A packed segment and its index: see `pack.ts`. */
export const packName = (firstSeq: number): string => `${segmentName(firstSeq)}.gz`;
export const packIndexName = (firstSeq: number): string => `${stem(firstSeq)}.index.json`;

export interface SegmentFile {
  path: string;
  name: string;
  /** From its name. */
  firstSeq: number;
  isPacked: boolean;
}

/** The segments in a folder, oldest first. Empty if there is no folder. One that is there twice was not packed to the end. */
export function listSegments(fs: Fs, dir: string): SegmentFile[] {
  const names = (listDir(dir, { fs }) ?? []).filter((name) => NAME.test(name));
  const plain = new Set(names);
  return names
    .sort()
    .filter((name) => !name.endsWith(".gz") || !plain.has(name.slice(0, -".gz".length)))
    .map((name) => ({
      name,
      path: join(dir, name),
      firstSeq: Number(name.slice(0, 16)),
      isPacked: name.endsWith(".gz"),
    }));
}

/** A plain segment's name after it was packed. */
export function packedOf(segment: SegmentFile): SegmentFile {
  if (segment.isPacked) return segment;
  return { ...segment, name: `${segment.name}.gz`, path: `${segment.path}.gz`, isPacked: true };
}

/** A sealed line of a segment. */
export interface Line {
  record: LogRecord;
  /** Its bytes, without the newline. */
  line: Buffer;
  /** Its signature, 32 hex digits, and the first digits of the signature of the line before it. Earlier versions wrote neither. */
  signature: string | null;
  previous: string | null;
}

/** A stretch of a segment: a line, or bytes that aren't one. `end` includes the newline. */
export type Piece =
  | (Line & { start: number; end: number; isTerminated: boolean })
  | { record: null; start: number; end: number };

const START = Buffer.from('{"seq":');

/** Everything in a segment in order. Never throws, whatever the bytes are. */
export function* scanSegment(bytes: Buffer, from = 0): Generator<Piece> {
  let start = from;
  while (start < bytes.length) {
    const newline = bytes.indexOf(10, start);
    const end = newline === -1 ? bytes.length : newline + 1;
    const found = toLine(bytes.subarray(start, newline === -1 ? end : newline));
    if (found !== null) yield { ...found, start, end, isTerminated: newline !== -1 };
    else yield* salvage(bytes, start, end);
    start = end;
  }
}

/** A damaged newline joins two good lines. Each line with a valid seal is still read. */
function* salvage(bytes: Buffer, start: number, end: number): Generator<Piece> {
  let badFrom = start;
  let at = bytes.indexOf(START, start);
  while (at !== -1 && at < end) {
    const next = bytes.indexOf(START, at + 1);
    const stop = next === -1 || next > end ? end : next;
    const found = openWithin(bytes, at, stop);
    if (found !== null) {
      if (badFrom < at) yield { record: null, start: badFrom, end: at };
      yield found;
      badFrom = found.end;
    }
    at = next;
  }
  if (badFrom < end) yield { record: null, start: badFrom, end };
}

function openWithin(bytes: Buffer, start: number, stop: number): Piece | null {
  for (const end of [stop, stop - 1]) {
    const found = toLine(bytes.subarray(start, end));
    if (found === null) continue;
    const isTerminated = bytes[end] === 10;
    return { ...found, start, end: isTerminated ? end + 1 : end, isTerminated };
  }
  return null;
}

function toLine(line: Buffer): Line | null {
  const value = openLine(line);
  if (value === null || !Number.isSafeInteger(value.seq) || typeof value.type !== "string") return null;
  const { c: _seal, m: signature, prev: previous, ...record } = value;
  return { record: record as LogRecord, line, signature: textOf(signature), previous: textOf(previous) };
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
