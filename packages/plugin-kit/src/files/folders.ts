import { renameSync, rmSync, type Stats, writeFileSync } from "node:fs";
import { lstat, mkdir, readdir, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { ensureDir } from "@agent-orchestrator/core/host/files";
import { linkError, through, throughAsync, throughFolder } from "@agent-orchestrator/core/host/guarded";
import { isErrno, readSmallFile } from "./read-small.ts";

/**
 * Creates a folder of `ao`'s own and its missing parents, private. Throws REFUSED for a link in its place, and the system's error
 * where no folder can be created: some file systems, such as /proc, report a missing parent that exists.
 */
export async function makeFolder(path: string, { hasParent = false } = {}): Promise<void> {
  try {
    await throughAsync(path, (at) => mkdir(at, { mode: 0o700 }));
  } catch (error) {
    if (isErrno(error, "ENOENT") && !hasParent && dirname(path) !== path) {
      await makeFolder(dirname(path));
      await makeFolder(path, { hasParent: true });
      return;
    }
    if (!isErrno(error, "EEXIST")) throw error;
    const found = await lookAt(path);
    // Another removal took the empty folder away in between.
    if (found === null) return makeFolder(path, { hasParent });
    if (found.isSymbolicLink()) throw linkError(path);
    if (!found.isDirectory()) throw error;
  }
}

async function lookAt(path: string): Promise<Stats | null> {
  try {
    return await throughAsync(path, (at) => lstat(at));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return null;
    throw error;
  }
}

/** The text of a small file of `ao`'s own, or null if there is none. Throws REFUSED for a link above it. */
export async function readOwn(path: string): Promise<string | null> {
  try {
    return await throughAsync(path, (at) => readSmallFile(at));
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return null;
    throw error;
  }
}

/** The names in a folder of `ao`'s own. None if there is no such folder. Throws REFUSED for a link in its place. */
export async function listFolder(path: string): Promise<string[]> {
  try {
    const found = await throughAsync(path, (at) => lstat(at));
    if (found.isSymbolicLink()) throw linkError(path);
    return await throughFolder(path, (at) => readdir(at));
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}

/** Renames something of `ao`'s own. Follows no link above either name. */
export const moveOwn = (from: string, to: string): Promise<void> =>
  throughAsync(from, (source) => throughAsync(to, (target) => rename(source, target)));

/** Replaces a file of `ao`'s own so that readers find the old text or the new one. Creates its folder. Follows no link. */
export function putFile(path: string, text: string): void {
  ensureDir(dirname(path));
  through(path, (at) => {
    rmSync(`${at}.new`, { force: true });
    writeFileSync(`${at}.new`, text, { mode: 0o600, flag: "wx" });
    renameSync(`${at}.new`, at);
  });
}
