import fs from "node:fs";
import { holdFolder, through } from "./guarded.ts";

/** The parts of a stat that we use. Sizes in bytes, times in milliseconds. */
export interface FileStat {
  size: number;
  mode: number;
  uid: number;
  mtimeMs: number;
  ino: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** The few system calls that write the state folder. They are one seam, so tests can make each of them fail. Throws errno errors. */
export interface Fs {
  open(path: string, flags: number, mode?: number): number;
  close(fd: number): void;
  /** Reads at `position`. Returns the number of bytes read, 0 at the end. */
  read(fd: number, into: Uint8Array, position: number): number;
  /** Writes at the descriptor's own position. May write less than asked. */
  write(fd: number, bytes: Uint8Array): number;
  fsync(fd: number): void;
  fdatasync(fd: number): void;
  fstat(fd: number): FileStat;
  ftruncate(fd: number, length: number): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  mkdir(path: string, mode: number): void;
  chmod(path: string, mode: number): void;
  readdir(path: string): string[];
  lstat(path: string): FileStat;
  /** The bytes free for this user, and the type of the file system. */
  statfs(path: string): { freeBytes: number; type: number };
}

/**
 * The machine's own file system. Synchronous on purpose: one commit is one append and one sync, about 0.2 ms. Below a
 * guarded folder no link is followed.
 */
export const realFs: Fs = {
  open: (path, flags, mode) =>
    through(path, (at, isGuarded) => fs.openSync(at, isGuarded ? flags | fs.constants.O_NOFOLLOW : flags, mode)),
  close: (fd) => fs.closeSync(fd),
  read: (fd, into, position) => fs.readSync(fd, into, 0, into.length, position),
  write: (fd, bytes) => fs.writeSync(fd, bytes),
  fsync: (fd) => fs.fsyncSync(fd),
  fdatasync: (fd) => fs.fdatasyncSync(fd),
  fstat: (fd) => fs.fstatSync(fd),
  ftruncate: (fd, length) => fs.ftruncateSync(fd, length),
  rename: (from, to) => through(from, (start) => through(to, (end) => fs.renameSync(start, end))),
  unlink: (path) => through(path, (at) => fs.unlinkSync(at)),
  mkdir: (path, mode) => through(path, (at) => fs.mkdirSync(at, { mode })),
  chmod: (path, mode) => fs.chmodSync(path, mode),
  readdir: (path) => listed(path),
  lstat: (path) => through(path, (at) => fs.lstatSync(at)),
  statfs: (path) => {
    const found = fs.statfsSync(path);
    return { freeBytes: found.bavail * found.bsize, type: found.type };
  },
};

function listed(path: string): string[] {
  const held = holdFolder(path);
  try {
    return fs.readdirSync(held?.path ?? path);
  } finally {
    held?.release();
  }
}

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = fs.constants;

/** Flag sets by use. Only `dir` follows a symlink in the last part of a path. Node opens everything close-on-exec. */
export const OPEN = {
  read: O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
  createNew: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
  append: O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW,
  lock: O_RDWR | O_CREAT | O_NOFOLLOW,
  dir: O_RDONLY | O_DIRECTORY,
} as const;

/** The errno name of a thrown system error, or null for anything else. */
export function errnoOf(error: unknown): string | null {
  const code = typeof error === "object" && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" ? code : null;
}
