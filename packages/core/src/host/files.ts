import { basename, dirname, join } from "node:path";
import { AoError, isAoError } from "../model/errors.ts";
import { errnoOf, type FileStat, type Fs, OPEN, realFs } from "./fs-port.ts";
import { linkError } from "./guarded.ts";

const SPACE = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/**
 * Turns a system error into one for people. A full disk has its own code, and something of the wrong kind in a file's
 * place is REFUSED. No other error is ever treated as "missing".
 */
export function fileError(doing: string, path: string, cause: unknown): AoError {
  if (isAoError(cause)) return cause;
  const errno = errnoOf(cause) ?? "unknown error";
  const details = { path, errno };
  if (SPACE.has(errno)) {
    const hint = "Free some space on that disk. ao continues by itself.";
    return new AoError("NO_SPACE", `no room left to ${doing} ${path}`, { hint, cause, details });
  }
  const odd = ODDITIES[errno];
  if (odd !== undefined) return new AoError("REFUSED", `${path} ${odd}`, { hint: MOVE_IT, cause, details });
  const hint = CLOSED.has(errno) ? `Make it yours again: \`chmod u+rwX ${path}\`.` : "Try `ao doctor`.";
  return new AoError("FAILED", `could not ${doing} ${path} (${errno})`, { hint, cause, details });
}

const CLOSED = new Set(["EACCES", "EPERM"]);
const MOVE_IT = "Move it away and try again.";
/** What is there instead of a file or folder. */
const ODDITIES: Readonly<Record<string, string>> = {
  ELOOP: "is a symbolic link",
  EISDIR: "is a folder",
  ENOTDIR: "can't be reached, because there is something else in the place of a folder",
  ENXIO: "is a socket or a pipe",
};

/** Writes all the bytes, however many calls it takes. */
export function writeAll(fs: Fs, fd: number, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) {
    const written = fs.write(fd, rest);
    if (written <= 0) throw Object.assign(new Error("a write call wrote nothing"), { code: "EIO" });
    rest = rest.subarray(written);
  }
}

/** Makes changes of names in this folder (created, renamed, removed) durable. */
export function syncDir(fs: Fs, dir: string): void {
  const fd = fs.open(dir, OPEN.dir);
  try {
    fs.fsync(fd);
  } finally {
    fs.close(fd);
  }
}

export interface WriteOptions {
  fs?: Fs;
  mode?: number;
  /** False for what can be had again: whole for any reader, but not certainly there after a crash. Default true. */
  isDurable?: boolean;
}

let counter = 0;

/** Prefix of unfinished files. Whatever has it after a crash can be deleted. */
const TMP_PREFIX = ".tmp-";

/**
 * Replaces or creates a file so that any reader, and the disk after a crash, has either the old bytes or the new ones.
 * Returns only when that is durable. On an error the old file is unchanged, except that after a failed sync of the
 * folder a crash may show either of the two. Returns the new file's stat: if the stat is different later, somebody
 * else replaced the file.
 */
export function atomicReplace(path: string, content: string | Uint8Array, options: WriteOptions = {}): FileStat {
  const fs = options.fs ?? realFs;
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  const dir = dirname(path);
  let tmp: string | null = null;
  try {
    const made = createTmp(fs, path, options.mode ?? 0o600);
    tmp = made.path;
    const isDurable = options.isDurable !== false;
    const stat = fillAndClose(fs, made.fd, { bytes, isDurable });
    fs.rename(tmp, path);
    tmp = null;
    if (isDurable) syncDir(fs, dir);
    return stat;
  } catch (error) {
    if (tmp !== null) removeIfThere(fs, tmp);
    throw fileError("write", path, error);
  }
}

function createTmp(fs: Fs, path: string, mode: number): { path: string; fd: number } {
  for (let attempt = 0; ; attempt++) {
    counter += 1;
    const tmp = join(dirname(path), `${TMP_PREFIX}${process.pid}-${counter}-${basename(path)}`);
    try {
      return { path: tmp, fd: fs.open(tmp, OPEN.createNew, mode) };
    } catch (error) {
      // Left by an earlier process with the same pid. Don't open it, take another name.
      if (errnoOf(error) !== "EEXIST" || attempt >= 100) throw error;
    }
  }
}

function fillAndClose(fs: Fs, fd: number, { bytes, isDurable }: { bytes: Uint8Array; isDurable: boolean }): FileStat {
  let isOpen = true;
  try {
    writeAll(fs, fd, bytes);
    if (isDurable) fs.fsync(fd);
    const stat = fs.fstat(fd);
    if (stat.size !== bytes.length) throw Object.assign(new Error("short file"), { code: "EIO" });
    isOpen = false;
    fs.close(fd);
    return stat;
  } finally {
    if (isOpen) closeQuietly(fs, fd);
  }
}

/** For paths on which an error is already being thrown. */
export function closeQuietly(fs: Fs, fd: number): void {
  try {
    fs.close(fd);
  } catch {
    // The error that brought us here says more.
  }
}

export function removeIfThere(fs: Fs, path: string): boolean {
  try {
    fs.unlink(path);
    return true;
  } catch {
    // Already gone, or it stays. The next start removes leftovers.
    return false;
  }
}

export interface ReadOptions {
  fs?: Fs;
  maxBytes?: number;
}

/**
 * Reads a whole regular file. Returns null only if there is none. Never follows a symlink, never waits on a pipe, never
 * reads more than `maxBytes` (1 MiB). Every other failure is thrown: "could not read" is not "missing".
 */
export function readSmall(path: string, options: ReadOptions = {}): Buffer | null {
  const fs = options.fs ?? realFs;
  let fd: number;
  try {
    fd = fs.open(path, OPEN.read);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw fileError("read", path, error);
  }
  try {
    return readOpen(fs, fd, { path, maxBytes: options.maxBytes ?? 1 << 20 });
  } catch (error) {
    throw fileError("read", path, error);
  } finally {
    closeQuietly(fs, fd);
  }
}

function readOpen(fs: Fs, fd: number, what: { path: string; maxBytes: number }): Buffer {
  const stat = fs.fstat(fd);
  if (!stat.isFile())
    throw new AoError("REFUSED", `${what.path} is not a regular file`, { hint: MOVE_IT, details: { ...what } });
  const tooBig = () =>
    new AoError("REFUSED", `${what.path} is larger than ${what.maxBytes} bytes`, { hint: MOVE_IT, details: what });
  if (stat.size > what.maxBytes) throw tooBig();
  // One byte more than expected, so that a file that is growing is noticed and read further.
  let bytes = Buffer.alloc(stat.size + 1);
  let length = 0;
  for (;;) {
    const count = fs.read(fd, bytes.subarray(length), length);
    if (count === 0) return bytes.subarray(0, length);
    length += count;
    if (length > what.maxBytes) throw tooBig();
    if (length === bytes.length) bytes = Buffer.concat([bytes], bytes.length * 2);
  }
}

/** Like `readSmall`, for UTF-8 text. Bytes that are not UTF-8 are an error, not replacement characters. */
export function readText(path: string, options: ReadOptions = {}): string | null {
  const bytes = readSmall(path, options);
  if (bytes === null) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new AoError("REFUSED", `${path} is not UTF-8 text`, { hint: MOVE_IT, cause, details: { path } });
  }
}

/** Creates the folder and its missing parents, each with mode 0700. An existing folder is left unchanged. A file in its place is refused. */
export function ensureDir(path: string, options: { fs?: Fs; mode?: number } = {}): void {
  const fs = options.fs ?? realFs;
  try {
    makeDir(fs, path, options.mode ?? 0o700);
  } catch (error) {
    throw fileError("create the folder", path, error);
  }
}

function makeDir(fs: Fs, path: string, mode: number): void {
  const errno = tryMkdir(fs, path, mode);
  if (errno === "EEXIST") requireDir(fs, path);
  else if (errno === "ENOENT" && dirname(path) !== path) {
    makeDir(fs, dirname(path), mode);
    fs.mkdir(path, mode);
    syncDir(fs, dirname(path));
  } else if (errno === null) syncDir(fs, dirname(path));
}

/** Null if it was created now, or a name for what the caller has to handle. */
function tryMkdir(fs: Fs, path: string, mode: number): "EEXIST" | "ENOENT" | null {
  try {
    fs.mkdir(path, mode);
    return null;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "EEXIST" || errno === "ENOENT") return errno;
    throw error;
  }
}

function requireDir(fs: Fs, path: string): void {
  const stat = fs.lstat(path);
  if (stat.isDirectory()) return;
  if (stat.isSymbolicLink()) throw linkError(path);
  throw new AoError("REFUSED", `${path} is not a folder`, { hint: MOVE_IT, details: { path } });
}

/** The names in a folder, or null if there is no such folder. */
export function listDir(path: string, options: { fs?: Fs } = {}): string[] | null {
  const fs = options.fs ?? realFs;
  try {
    return fs.readdir(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw fileError("list", path, error);
  }
}

/** Removes what a killed `atomicReplace` left in a folder. Only the folder's one writer may call it, before it writes. */
export function sweepTmp(dir: string, options: { fs?: Fs } = {}): void {
  const fs = options.fs ?? realFs;
  for (const name of listDir(dir, { fs }) ?? []) {
    // What can't be removed does no harm. The next start tries again.
    if (name.startsWith(TMP_PREFIX)) removeIfThere(fs, join(dir, name));
  }
}

/** Whether anything has this name, including a dangling link. Throws if it can't tell. */
export function isThere(path: string, fs: Fs = realFs): boolean {
  try {
    fs.lstat(path);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return false;
    throw fileError("look at", path, error);
  }
}
