import { createHash } from "node:crypto";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { closeQuietly, fileError, readSmall } from "../host/files.ts";
import { errnoOf, type Fs, OPEN } from "../host/fs-port.ts";
import type { Judge } from "./judge.ts";
import { onlyLine, openLine } from "./line.ts";
import { type Line, type LogRecord, MAX_SEGMENT_BYTES, packIndexName, type SegmentFile } from "./segment.ts";

/** The lines of one session in a packed segment, public or internal, as one gzip member. */
export interface Member {
  sessionId: string | null;
  isPublic: boolean;
  lines: number;
  /** Its place in the file, in bytes. */
  at: number;
  length: number;
  /** The first 32 hex digits of the SHA-256 of its bytes. */
  sum: string;
}

/** What stands in a packed segment. Format in docs/formats.md. */
export interface PackIndex {
  first: number;
  last: number;
  /** The `prev` of the first line, and the signature of the last: the chain to both neighbours. */
  prev: string | null;
  signature: string;
  members: Member[];
}

/** A line of a packed segment: without `prev`, `m` and `c`, which follow from the others. */
export interface BareLine {
  record: LogRecord;
  text: Buffer;
}

export const bySeq = (a: BareLine, b: BareLine): number => a.record.seq - b.record.seq;

export const sumOf = (member: Buffer): string => createHash("sha256").update(member).digest("hex").slice(0, 32);

/** The lines of a member, which is whole. */
export function linesOf(member: Buffer): BareLine[] {
  const bytes = gunzipSync(member, { maxOutputLength: MAX_SEGMENT_BYTES });
  const found: BareLine[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(10, start);
    const text = bytes.subarray(start, end);
    found.push({ record: JSON.parse(text.toString("utf8")) as LogRecord, text });
    start = end + 1;
  }
  return found;
}

/** Which lines are wanted. Empty: all of them. */
export interface Wanted {
  sessionId?: string;
  isPublic?: boolean;
}

const isWanted = (member: Member, { sessionId, isPublic }: Wanted): boolean =>
  (sessionId === undefined || member.sessionId === sessionId) && (isPublic !== true || member.isPublic);

interface Source {
  fs: Fs;
  dir: string;
  judge: Pick<Judge, "acceptsPack">;
}

/** The records of a packed segment that may be wanted, in order. What can't be read or isn't ours is left out. */
export function recordsInPack(source: Source, segment: SegmentFile, wanted: Wanted = {}): LogRecord[] {
  const index = indexOf(source, segment.firstSeq);
  if (typeof index === "string") return [];
  const members = index.members.filter((member) => isWanted(member, wanted));
  return readMembers(source.fs, segment.path, members).lines.map(({ record }) => record);
}

/** A packed segment as a start and `ao doctor` read it. */
export interface Unpacked {
  lines: Line[];
  /** The last line that was packed, whether it can still be read or not. Null if the index is lost. */
  lastSeq: number | null;
  /** What is wrong with it, or null. */
  wrong: string | null;
}

export function unpack(source: Source, segment: SegmentFile): Unpacked {
  const index = indexOf(source, segment.firstSeq);
  if (typeof index === "string") return { lines: [], lastSeq: null, wrong: index };
  const { lines: found, lost } = readMembers(source.fs, segment.path, index.members);
  const lines = found.map(({ record, text }): Line => ({ record, line: text, signature: null, previous: null }));
  const [first, last] = [lines[0], lines.at(-1)];
  if (first?.record.seq === index.first) first.previous = index.prev;
  if (last?.record.seq === index.last) last.signature = index.signature;
  const wrong = lost === 0 ? null : `has ${lost} lines that can't be read or were not packed by ao; they don't count`;
  return { lines, lastSeq: index.last, wrong };
}

/** The index of a packed segment, or why there is none that counts. */
function indexOf({ fs, dir, judge }: Source, firstSeq: number): PackIndex | string {
  const bytes = readSmall(join(dir, packIndexName(firstSeq)), { fs, maxBytes: MAX_SEGMENT_BYTES });
  const line = bytes === null ? null : onlyLine(bytes);
  const index = line === null ? null : (openLine(line) as PackIndex | null);
  if (line === null || index?.first !== firstSeq || !Array.isArray(index.members)) {
    return "has no index that can be read";
  }
  return judge.acceptsPack(line, firstSeq) ? index : "has an index that ao did not write; its lines don't count";
}

/** The lines of these members, in order, and how many are lost. A damaged member does not hide the others. */
function readMembers(fs: Fs, path: string, members: readonly Member[]): { lines: BareLine[]; lost: number } {
  const lines: BareLine[] = [];
  let lost = 0;
  let fd: number | null = null;
  try {
    if (members.length > 0) fd = fs.open(path, OPEN.read);
    for (const member of members) {
      const bytes = fd === null ? null : readAt(fs, fd, member);
      if (bytes !== null && sumOf(bytes) === member.sum) lines.push(...linesOf(bytes));
      else lost += member.lines;
    }
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw fileError("read", path, error);
    lost = members.reduce((sum, { lines: count }) => sum + count, 0);
  } finally {
    if (fd !== null) closeQuietly(fs, fd);
  }
  return { lines: lines.sort(bySeq), lost };
}

function readAt(fs: Fs, fd: number, { at, length }: Member): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const count = fs.read(fd, bytes.subarray(done), at + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}
