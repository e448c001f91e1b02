import type { Stats } from "node:fs";
import { join } from "node:path";
import { readSmallBytes } from "../files/read-small.ts";
import { closeAgain, type Opened } from "../files/readable.ts";
import { writeWhole } from "../files/write-durable.ts";
import { listTree } from "./copy-tree.ts";
import { KEPT } from "./kept.ts";
import { bytePath } from "./tree-list.ts";
import { type Walked, walkCheckout } from "./walk.ts";

/** Entries of a git folder that are no work: locks of dead programs, and a clone's objects, which are packed instead. */
export const LEAVE_OUT = { names: ["objects", "locked", "commondir", "gitdir"], suffixes: [".lock"] };

export interface Place {
  /** The checkout's files. */
  path: string;
  /** Its git folder. Null: it is not looked at. */
  gitDir: string | null;
  isOwnGit: boolean;
}

export interface SeenOptions {
  /** When the look began, by the clock of the file system. */
  sinceMs: number;
  opened: readonly Opened[];
}

/** What was copied, as it was just before: by this a later look finds out whether anything was written since. */
export async function seenOf(place: Place, walked: Walked, options: SeenOptions): Promise<Buffer> {
  const lines = [...seenFiles(place, walked, options), ...(await seenGit(place, options))];
  return Buffer.from(lines.map((line) => `${line}\0`).join(""), "latin1");
}

/**
 * Whether anything is different from what was kept: a name, permissions, size, time or inode. Reads no file. Folders that were
 * skipped are searched only for repositories.
 */
export async function hasChanged(kept: string, place: Place): Promise<boolean> {
  const before = await readSmallBytes(join(kept, KEPT.seen), 1024 * 1024 * 1024);
  if (before === null) return true;
  const was = before.toString("latin1").split("\0").slice(0, -1);
  const skipped = new Set(was.flatMap((line) => (line.startsWith("s ") ? [line.slice(2)] : [])));
  const opened: Opened[] = [];
  try {
    const walked = await walkCheckout({
      root: place.path,
      isOwnGit: place.isOwnGit,
      opened,
      isIgnored: () => false,
      isRegenerable: ({ path }) => skipped.has(path),
    });
    const options = { sinceMs: Number.POSITIVE_INFINITY, opened };
    const is = new Set([...seenFiles(place, walked, options), ...(await seenGit(place, options))]);
    const expected = place.gitDir === null ? was.filter((line) => !line.startsWith("g ")) : was;
    return expected.length !== is.size || !expected.every((line) => is.has(line));
  } finally {
    await closeAgain(opened);
  }
}

export const writeSeen = (kept: string, seen: Buffer): Promise<void> => writeWhole(join(kept, KEPT.seen), seen);

/** A write within the same tick of the file system's clock leaves the time as it is. */
const TICK_MS = 20;

function seenFiles({ path: root }: Place, walked: Walked, { sinceMs, opened }: SeenOptions): string[] {
  const changed = new Set(opened.map(({ path }) => path.toString("latin1")));
  return [
    ...walked.folders.map(({ path, stat }) => `d ${stat.mode.toString(8)} ${path}`),
    ...walked.found.map(({ path, stat }) => {
      // Opening a file for the copy changed the time of its last change.
      const wasOpened = changed.size > 0 && changed.has(bytePath(root, path).toString("latin1"));
      return `f ${fileLine(stat, { sinceMs, wasOpened })} ${path}`;
    }),
    ...walked.unreadable.map((path) => `u ${path}`),
    ...walked.skipped.map((path) => `s ${path}`),
  ];
}

async function seenGit({ gitDir }: Place, { sinceMs }: SeenOptions): Promise<string[]> {
  if (gitDir === null) return [];
  const root = Buffer.from(gitDir);
  const files = (await listTree(root, LEAVE_OUT)).filter(({ stat }) => !stat.isDirectory());
  return files.map(({ path, stat }) => {
    const name = path.subarray(root.length).toString("latin1");
    // Named after its bytes. Whoever reads the index gives it a new time, as git does.
    if (name.startsWith("/sharedindex.")) return `g ${stat.size} ${name}`;
    return `g ${fileLine(stat, { sinceMs, wasOpened: false })} ${name}`;
  });
}

function fileLine(stat: Stats, { sinceMs, wasOpened }: { sinceMs: number; wasOpened: boolean }): string {
  const isFresh = Number.isFinite(sinceMs) && Math.max(stat.mtimeMs, stat.ctimeMs) > sinceMs - TICK_MS;
  const time = isFresh ? "fresh" : `${stat.mtimeMs} ${wasOpened ? "-" : stat.ctimeMs}`;
  return `${stat.mode.toString(8)} ${stat.ino} ${stat.size} ${time}`;
}
