import { closeQuietly, fileError } from "../host/files.ts";
import { type Fs, OPEN, realFs } from "../host/fs-port.ts";
import { type LogRecord, listSegments, type SegmentFile, scanSegment } from "./segment.ts";

export interface LogFilter {
  sessionId?: string;
  projectId?: string;
  /** Only public events, which `ao events` shows. */
  isPublic?: boolean;
  accept?: (record: LogRecord) => boolean;
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
  /** A position in the log, right after `afterSeq`. */
  follow(afterSeq: number, filter?: LogFilter): LogCursor;
}

/** Reads the log without being its writer. Unreadable lines are skipped here. Opening the store reports them. */
export function createReader(dir: string, fs: Fs = realFs): LogReader {
  return {
    read: (query = {}) => readForward(fs, dir, query),
    tail: (limit, filter = {}) => readTail({ fs, dir, limit, filter }),
    follow: (afterSeq, filter = {}) => follow({ fs, dir, afterSeq, filter }),
  };
}

function* readForward(fs: Fs, dir: string, query: ReadQuery): Generator<LogRecord> {
  const from = query.fromSeq ?? 0;
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  const segments = listSegments(fs, dir);
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (next !== undefined && next.firstSeq <= from) continue;
    for (const piece of scanSegment(readFrom(fs, segment, 0))) {
      if (left <= 0) return;
      if (piece.record === null || piece.record.seq < from || !fits(piece.record, query.filter)) continue;
      left -= 1;
      yield piece.record;
    }
  }
}

function readTail(query: { fs: Fs; dir: string; limit: number; filter: LogFilter }): LogRecord[] {
  const found: LogRecord[] = [];
  const segments = listSegments(query.fs, query.dir);
  for (let index = segments.length - 1; index >= 0 && found.length < query.limit; index--) {
    const bytes = readFrom(query.fs, segments[index] as SegmentFile, 0);
    found.push(...newestFirst(bytes, query.limit - found.length, query.filter));
  }
  return found.reverse();
}

/** Steps back in chunks, so that the last few lines of a long segment cost little. */
function newestFirst(bytes: Buffer, limit: number, filter: LogFilter): LogRecord[] {
  const found: LogRecord[] = [];
  let end = bytes.length;
  while (end > 0 && found.length < limit) {
    const start = end <= CHUNK ? 0 : bytes.lastIndexOf(10, end - CHUNK) + 1;
    const chunk: LogRecord[] = [];
    for (const piece of scanSegment(bytes.subarray(start, end))) {
      if (piece.record !== null && fits(piece.record, filter)) chunk.push(piece.record);
    }
    found.push(...chunk.reverse().slice(0, limit - found.length));
    end = start;
  }
  return found;
}

const CHUNK = 64 << 10;

function follow(query: { fs: Fs; dir: string; afterSeq: number; filter: LogFilter }): LogCursor {
  const { fs, dir, filter } = query;
  let seen = query.afterSeq;
  let at: { name: string; offset: number } | null = null;
  return {
    next() {
      const found: LogRecord[] = [];
      for (const segment of notBefore(listSegments(fs, dir), at?.name ?? null, seen)) {
        const offset: number = at?.name === segment.name ? at.offset : 0;
        const bytes = readFrom(fs, segment, offset);
        let done = 0;
        for (const piece of scanSegment(bytes)) {
          // An unfinished line is being written right now. It is read the next time.
          if (piece.end === bytes.length && bytes[piece.end - 1] !== 10) break;
          done = piece.end;
          if (piece.record === null || piece.record.seq <= seen) continue;
          seen = piece.record.seq;
          if (fits(piece.record, filter)) found.push(piece.record);
        }
        at = { name: segment.name, offset: offset + done };
      }
      return found;
    },
  };
}

function notBefore(segments: SegmentFile[], name: string | null, seen: number): SegmentFile[] {
  if (name !== null) return segments.filter((segment) => segment.name >= name);
  return segments.filter((_, index) => (segments[index + 1]?.firstSeq ?? Number.POSITIVE_INFINITY) > seen + 1);
}

function fits(record: LogRecord, filter: LogFilter = {}): boolean {
  if (filter.isPublic === true && typeof record.priority !== "string") return false;
  if (filter.sessionId !== undefined && record.sessionId !== filter.sessionId) return false;
  if (filter.projectId !== undefined && record.projectId !== filter.projectId) return false;
  return filter.accept?.(record) ?? true;
}

/** The bytes of a segment from `offset` to its current end. */
function readFrom(fs: Fs, segment: SegmentFile, offset: number): Buffer {
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
    throw fileError("read", segment.path, error);
  } finally {
    if (fd !== null) closeQuietly(fs, fd);
  }
}
