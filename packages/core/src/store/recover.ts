import { join } from "node:path";
import { atomicReplace, closeQuietly, ensureDir, fileError } from "../host/files.ts";
import { type Fs, OPEN } from "../host/fs-port.ts";
import { crcHex } from "./crc.ts";
import type { LogTail } from "./log.ts";
import { type Problem, problem } from "./problem.ts";
import { type Scanned, type WalkOptions, walkLog } from "./scan-log.ts";

export interface Recovered {
  tail: LogTail;
  problems: Problem[];
}

export interface RecoverOptions extends WalkOptions {
  quarantineDir: string;
}

/**
 * Reads the log and prepares its end for writing. Only bytes that are provably the unfinished end of one commit are
 * removed, after a copy was kept.
 */
export function recoverLog(options: RecoverOptions): Recovered {
  const { problems, last, highestSeq, lastSignature } = walkLog(options);
  const end = last === null ? NEW_SEGMENT : endOf(last, options, problems);
  return { tail: { ...end, nextSeq: highestSeq + 1, lastSignature }, problems };
}

const NEW_SEGMENT = { segment: null, length: 0 };

/** Cuts a torn end, after keeping a copy, and decides where the next line goes. */
function endOf(scanned: Scanned, options: RecoverOptions, problems: Problem[]): Pick<LogTail, "segment" | "length"> {
  const { segment, bytes, tornAt } = scanned;
  if (segment.isPacked) return NEW_SEGMENT;
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
  // Never write after unreadable bytes, nor directly after a line without its newline.
  if (!isWhole || isDamaged) return NEW_SEGMENT;
  return { segment: segment.name, length: end };
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
