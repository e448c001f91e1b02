import { closeQuietly, fileError } from "../host/files.ts";
import { errnoOf, type Fs, OPEN, realFs } from "../host/fs-port.ts";
import type { Judge } from "./judge.ts";
import { recordsInPack } from "./packed.ts";
import { type LogRecord, listSegments, type Piece, packedOf, type SegmentFile, scanSegment } from "./segment.ts";

export interface LogFilter {
  sessionId?: string;
  projectId?: string;
  /** Only public events, which `ao events` shows. */
  isPublic?: boolean;
  /** Only events of these types. */
  types?: readonly string[];
}

export interface ReadQuery {
  fromSeq?: number;
  limit?: number;
  filter?: LogFilter;
}

export interface LogCursor {
  /** What was committed since the last call. */
  next(): LogRecord[];
}

export interface LogReader {
  /** Oldest first, starting at `fromSeq`. Lazy: it reads only what is requested. */
  read(query?: ReadQuery): Iterable<LogRecord>;
  /** The newest `limit` matches, the oldest of them first. Reads from the end. */
  tail(limit: number, filter?: LogFilter): LogRecord[];
  /** Newest first. Lazy, from the end. */
  backwards(): Iterable<LogRecord>;
  /** A position in the log, right after `afterSeq`. */
  follow(afterSeq: number, filter?: LogFilter): LogCursor;
}

export interface ReaderOptions {
  dir: string;
  fs?: Fs;
  /** Decides which lines count. By default, all that can be read do. */
  judge?: Pick<Judge, "accepts" | "acceptsPack">;
}

type Source = Required<ReaderOptions>;

/** Reads the log without being its writer. What can't be read or doesn't count is skipped here. Opening the store reports it. */
export function createReader(options: ReaderOptions): LogReader {
  const source: Source = { fs: realFs, judge: { accepts: () => true, acceptsPack: () => true }, ...options };
  return {
    read: (query = {}) => readForward(source, query),
    tail: (limit, filter = {}) => readTail({ ...source, limit, filter }),
    backwards: () => readBackwards({ ...source, filter: {} }),
    follow: (afterSeq, filter = {}) => follow({ ...source, afterSeq, filter }),
  };
}

/** The record of a line that counts, or null. */
const counted = (piece: Piece, { judge }: Source): LogRecord | null =>
  piece.record !== null && judge.accepts(piece) ? piece.record : null;

function* readForward(source: Source, query: ReadQuery): Generator<LogRecord> {
  const { fs, dir } = source;
  const from = query.fromSeq ?? 0;
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  const segments = listSegments(fs, dir);
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (next !== undefined && next.firstSeq <= from) continue;
    for (const record of recordsIn(source, segment, query.filter)) {
      if (left <= 0) return;
      if (record.seq < from || !fits(record, query.filter)) continue;
      left -= 1;
      yield record;
    }
  }
}

/** The records of a segment that count. Of a packed one, only those of the session that is wanted. */
function* recordsIn(source: Source, segment: SegmentFile, filter: LogFilter = {}): Generator<LogRecord> {
  const bytes = segment.isPacked ? null : readFrom(source.fs, segment, 0);
  if (bytes === null) {
    yield* recordsInPack(source, packedOf(segment), filter);
    return;
  }
  for (const piece of scanSegment(bytes)) {
    const record = counted(piece, source);
    if (record !== null) yield record;
  }
}

function readTail({ limit, ...query }: Source & { limit: number; filter: LogFilter }): LogRecord[] {
  const found: LogRecord[] = [];
  if (limit <= 0) return found;
  for (const record of readBackwards(query)) {
    found.push(record);
    if (found.length >= limit) break;
  }
  return found.reverse();
}

type Backwards = Source & { filter: LogFilter };

function* readBackwards(query: Backwards): Generator<LogRecord> {
  for (const segment of listSegments(query.fs, query.dir).reverse()) {
    const bytes = segment.isPacked ? null : readFrom(query.fs, segment, 0);
    if (bytes === null) yield* newestInPack(segment, query);
    else yield* newestFirst(bytes, query);
  }
}

function newestInPack(segment: SegmentFile, query: Backwards): LogRecord[] {
  const records = recordsInPack(query, packedOf(segment), query.filter).filter((record) => fits(record, query.filter));
  return records.reverse();
}

/** Steps back in chunks, so that the last few lines of a long segment cost little. */
function* newestFirst(bytes: Buffer, query: Backwards): Generator<LogRecord> {
  let end = bytes.length;
  while (end > 0) {
    const start = end <= CHUNK ? 0 : bytes.lastIndexOf(10, end - CHUNK) + 1;
    const chunk: LogRecord[] = [];
    for (const piece of scanSegment(bytes.subarray(start, end))) {
      const record = counted(piece, query);
      if (record !== null && fits(record, query.filter)) chunk.push(record);
    }
    yield* chunk.reverse();
    end = start;
  }
}

const CHUNK = 64 << 10;

function follow(query: Source & { afterSeq: number; filter: LogFilter }): LogCursor {
  const { fs, dir, filter } = query;
  let seen = query.afterSeq;
  let at: { firstSeq: number; offset: number } | null = endIfAfter(query);
  return {
    next() {
      const found: LogRecord[] = [];
      for (const segment of notBefore(listSegments(fs, dir), at?.firstSeq ?? null, seen)) {
        const offset: number = at?.firstSeq === segment.firstSeq ? at.offset : 0;
        const bytes = segment.isPacked ? null : readFrom(fs, segment, offset);
        const { records, done } = bytes === null ? inPack(segment, query) : finished(bytes, query);
        for (const record of records) {
          if (record.seq <= seen) continue;
          seen = record.seq;
          if (fits(record, filter)) found.push(record);
        }
        at = { firstSeq: segment.firstSeq, offset: offset + done };
      }
      return found;
    },
  };
}

/** The end of the log, if nothing was written after `afterSeq`. A cursor then need not read what is before it. */
function endIfAfter(query: Source & { afterSeq: number }): { firstSeq: number; offset: number } | null {
  const newest = listSegments(query.fs, query.dir).at(-1);
  const bytes = newest === undefined || newest.isPacked ? null : readFrom(query.fs, newest, 0);
  if (newest === undefined || bytes === null || bytes.at(-1) !== 10) return null;
  const [last] = newestFirst(bytes, { ...query, filter: {} });
  return last?.seq === query.afterSeq ? { firstSeq: newest.firstSeq, offset: bytes.length } : null;
}

const inPack = (segment: SegmentFile, source: Source) => ({
  records: recordsInPack(source, packedOf(segment)),
  done: 0,
});

/** The records in these bytes, and where the last finished line ends. An unfinished one is being written: it is read the next time. */
function finished(bytes: Buffer, source: Source): { records: LogRecord[]; done: number } {
  const records: LogRecord[] = [];
  let done = 0;
  for (const piece of scanSegment(bytes)) {
    if (piece.end === bytes.length && bytes[piece.end - 1] !== 10) break;
    done = piece.end;
    const record = counted(piece, source);
    if (record !== null) records.push(record);
  }
  return { records, done };
}

function notBefore(segments: SegmentFile[], firstSeq: number | null, seen: number): SegmentFile[] {
  if (firstSeq !== null) return segments.filter((segment) => segment.firstSeq >= firstSeq);
  return segments.filter((_, index) => (segments[index + 1]?.firstSeq ?? Number.POSITIVE_INFINITY) > seen + 1);
}

function fits(record: LogRecord, filter: LogFilter = {}): boolean {
  if (filter.isPublic === true && typeof record.priority !== "string") return false;
  if (filter.types !== undefined && !filter.types.includes(record.type)) return false;
  if (filter.sessionId !== undefined && record.sessionId !== filter.sessionId) return false;
  return filter.projectId === undefined || record.projectId === filter.projectId;
}

/** The bytes of a plain segment from `offset` to its current end. Null: it was packed since the folder was listed. */
function readFrom(fs: Fs, segment: SegmentFile, offset: number): Buffer | null {
  let fd: number | null = null;
  try {
    fd = fs.open(segment.path, OPEN.read);
    const stat = fs.fstat(fd);
    const bytes = Buffer.alloc(stat.isFile() ? Math.max(0, stat.size - offset) : 0);
    let length = 0;
    while (length < bytes.length) {
      const count = fs.read(fd, bytes.subarray(length), offset + length);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw fileError("read", segment.path, error);
  } finally {
    if (fd !== null) closeQuietly(fs, fd);
  }
}
