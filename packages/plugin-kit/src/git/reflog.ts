import { closeSync, constants, type FSWatcher, fstatSync, openSync, readSync, statSync, watch } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";

const MAX_POINTER_BYTES = 4096;

/** Notices commits in a checkout without starting a process, because HEAD's log grows with each of them. */
export interface Reflog {
  /** Whether it changed since the last question. */
  hasMoved(): boolean;
  /** Where HEAD went last. Null if its log does not say so. */
  head(): string | null;
  close(): void;
}

/** null: not a git checkout, or one without a log. `onMove` is a hint; `hasMoved` is the truth. */
export function openReflog(workspacePath: string, onMove: () => void): Reflog | null {
  const gitDir = gitDirOf(workspacePath);
  if (gitDir === null) return null;
  const file = join(gitDir, "logs", "HEAD");
  let seen = stamp(file);
  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(join(gitDir, "logs"), { persistent: false }, (_event, name) => {
      if (name === null || name.startsWith("HEAD")) onMove();
    });
    watcher.on("error", () => watcher?.close()); // The folder went away: questions still work.
  } catch {
    watcher = null; // No watch to be had (no such folder, or too many watches): asked again when things are quiet.
  }
  return {
    hasMoved() {
      const now = stamp(file);
      const moved = now !== seen;
      seen = now;
      return moved;
    },
    head: () => /^[0-9a-f]+ ([0-9a-f]{40,64}) /.exec(lastLine(file))?.[1] ?? null,
    close: () => watcher?.close(),
  };
}

/** The last line of a file, as far as it is among the last bytes. */
function lastLine(file: string): string {
  const fd = openNoLink(file);
  if (fd === null) return "";
  try {
    const stats = fstatSync(fd);
    const start = Math.max(0, stats.size - MAX_POINTER_BYTES);
    const bytes = Buffer.alloc(Math.min(stats.size, MAX_POINTER_BYTES));
    const text = stats.isFile() ? bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, start)) : "";
    return text.trimEnd().split("\n").at(-1) ?? "";
  } finally {
    closeSync(fd);
  }
}

function stamp(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? "none" : `${stats.ino} ${stats.size} ${stats.mtimeMs}`;
}

/**
 * The git folder of a checkout. Whoever works there can write its `.git` file: it is read with care, and believed only
 * where git's own folder points back to this checkout.
 */
function gitDirOf(workspacePath: string): string | null {
  const dotGit = join(workspacePath, ".git");
  const stats = statSync(dotGit, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return dotGit;
  const pointer = /^gitdir: (.+)$/m.exec(readSmall(dotGit) ?? "")?.[1];
  if (pointer === undefined) return null;
  const gitDir = isAbsolute(pointer) ? pointer : resolve(workspacePath, pointer);
  const back = readSmall(join(gitDir, "gitdir"))?.trim();
  return back !== undefined && resolve(gitDir, back) === dotGit ? gitDir : null;
}

function openNoLink(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null; // Not there, or a link: either way nothing to go by.
  }
}

function readSmall(path: string): string | null {
  const fd = openNoLink(path);
  if (fd === null) return null;
  try {
    if (!fstatSync(fd).isFile()) return null;
    const bytes = Buffer.alloc(MAX_POINTER_BYTES);
    return bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}
