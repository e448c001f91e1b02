import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { OPEN, realFs } from "@agent-orchestrator/core/host/fs-port";

/** The newest output of a program in two files. The older one is dropped when the newer one is full. */
export interface TailFile {
  append(bytes: Buffer): void;
}

export const OUTPUT_FILES = ["output.old", "output.log"] as const;

export function tailFile(dir: string, maxBytes: number): TailFile {
  const [older, newer] = OUTPUT_FILES.map((name) => join(dir, name)) as [string, string];
  let fd = realFs.open(newer, OPEN.append, 0o600);
  let size = fstatSync(fd).size;
  return {
    append(bytes) {
      try {
        if (size > maxBytes / 2) {
          closeSync(fd);
          realFs.rename(newer, older);
          fd = realFs.open(newer, OPEN.append, 0o600);
          size = 0;
        }
        for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
        size += bytes.length;
      } catch {
        // A full disk must not stop the agent. This piece of output is lost, and the next one is tried.
      }
    },
  };
}

/** The last bytes of both files together. */
export function readTail(dir: string, maxBytes: number): Buffer {
  let wanted = maxBytes;
  const pieces: Buffer[] = [];
  for (const name of [...OUTPUT_FILES].reverse()) {
    const piece = lastBytes(join(dir, name), wanted);
    pieces.unshift(piece);
    wanted -= piece.length;
  }
  return Buffer.concat(pieces);
}

function lastBytes(file: string, count: number): Buffer {
  if (count <= 0) return Buffer.alloc(0);
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, count));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, Math.max(0, size - count)));
  } finally {
    closeSync(fd);
  }
}
