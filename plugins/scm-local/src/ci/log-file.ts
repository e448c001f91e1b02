import { closeSync, constants, writeSync } from "node:fs";
import { dirname } from "node:path";
import { atomicReplace, ensureDir } from "@agent-orchestrator/core/host/files";
import { realFs } from "@agent-orchestrator/core/host/fs-port";

/** A log that keeps its beginning and its end. While it grows, the file holds the beginning. */
export interface LogFile {
  readonly totalBytes: number;
  write(chunk: Buffer): void;
  /** Writes the file's final form. A full disk costs the log, never the result. */
  finish(lastLine: string): void;
}

const WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

export function createLog(path: string, maxBytes: number): LogFile {
  const headMax = Math.floor(maxBytes / 4);
  const tailMax = maxBytes - headMax;
  const head: Buffer[] = [];
  let headBytes = 0;
  let tail: Buffer[] = [];
  let tailBytes = 0;
  let total = 0;
  ensureDir(dirname(path));
  let fd: number | null = realFs.open(path, WRITE, 0o600);

  function writeHead(part: Buffer): void {
    head.push(part);
    headBytes += part.length;
    try {
      if (fd !== null) writeSync(fd, part);
    } catch {
      // The disk is full. What is in memory is written at the end, if there is room by then.
    }
  }

  function keepTail(part: Buffer): void {
    tail.push(part);
    tailBytes += part.length;
    // Whole chunks are dropped while the rest is still enough. The exact cut happens once, at the end.
    while (tail[0] !== undefined && tailBytes - tail[0].length >= tailMax) tailBytes -= tail.shift()?.length ?? 0;
    if (tail.length > 4_096) tail = [Buffer.concat(tail)];
  }

  return {
    get totalBytes() {
      return total;
    },
    write(chunk) {
      total += chunk.length;
      const room = headMax - headBytes;
      if (room > 0) writeHead(chunk.subarray(0, room));
      if (chunk.length > room) keepTail(chunk.subarray(Math.max(0, room)));
    },
    finish(lastLine) {
      if (fd !== null) closeSync(fd);
      fd = null;
      const end = Buffer.concat(tail);
      const kept = end.subarray(Math.max(0, end.length - tailMax));
      const lost = total - headBytes - kept.length;
      const gap = lost > 0 ? [Buffer.from(`\n[… ${lost} bytes left out …]\n`)] : [];
      try {
        atomicReplace(path, Buffer.concat([...head, ...gap, kept, Buffer.from(`\n${lastLine}\n`)]));
      } catch {
        // There is no room. The beginning is in the file already, and the result does not depend on it.
      }
    },
  };
}
