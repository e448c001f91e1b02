import { chmod, lstat, mkdir, readdir, rename, rm, rmdir, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Log } from "@agent-orchestrator/core/slots/common";
import { isErrno } from "./read-small.ts";
import { isClosed, isGone } from "./readable.ts";

/** Where things wait for their deletion: beside what they were, so that the move is one rename. */
export const TRASH = ".ao-trash";

const removeWhole = (path: string | Buffer): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 3 });

/**
 * Removes a file, link or tree. Never follows a link; folders that were made read-only are no obstacle. What belongs to
 * another user may be one: everything else goes, then the error of the first such thing is thrown.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await removeWhole(path);
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "ENOTEMPTY")) throw error;
    await openFolders(Buffer.from(path));
    await removeWhole(path).catch(() => removeParts(Buffer.from(path)));
  }
}

/** Names are bytes here: a file name need not be UTF-8. */
async function openFolders(path: Buffer): Promise<void> {
  try {
    if (!(await lstat(path)).isDirectory()) return;
    await chmod(path, 0o700);
    for (const entry of await readdir(path, { withFileTypes: true, encoding: "buffer" })) {
      if (entry.isDirectory()) await openFolders(below(path, entry.name));
    }
  } catch (error) {
    if (!isClosed(error) && !isGone(error)) throw error;
  }
}

const below = (path: Buffer, name: Buffer): Buffer => Buffer.concat([path, Buffer.from("/"), name]);

/** Goes around obstacles, where removing a whole tree at once would stop at the first. */
async function removeParts(path: Buffer): Promise<void> {
  const names = (await lstat(path)).isDirectory() ? await readdir(path, { encoding: "buffer" }) : [];
  let obstacle: unknown = null;
  for (const name of names) {
    await removeParts(below(path, name)).catch((error: unknown) => {
      obstacle ??= error;
    });
  }
  if (obstacle !== null) throw obstacle;
  await (names.length > 0 || (await lstat(path)).isDirectory() ? rmdir(path) : unlink(path));
}

const removals = new Set<Promise<void>>();

/**
 * Takes `path` away at once (one rename) and deletes it in the background. What a crash leaves in the trash is deleted by
 * `sweepTrash`. Fine when there is nothing.
 */
export async function discard(path: string, log: Log): Promise<void> {
  const trash = join(dirname(path), TRASH);
  await mkdir(trash, { recursive: true, mode: 0o700 });
  const aside = await freeName(trash, basename(path));
  try {
    await rename(path, aside);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    throw error;
  }
  background(removeTree(aside), log);
}

/** Deletes what earlier runs left in the trash beside `path`, in the background. */
export async function sweepTrash(parent: string, log: Log): Promise<void> {
  const trash = join(parent, TRASH);
  const names = await readdir(trash).catch((error: unknown) => {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  });
  for (const name of names) background(removeTree(join(trash, name)), log);
}

/** Resolves when all deletions under way have ended. */
export async function trashEmptied(): Promise<void> {
  await Promise.all(removals);
}

async function freeName(trash: string, name: string): Promise<string> {
  for (let n = 1; ; n += 1) {
    const candidate = join(trash, `${name}.${n}`);
    const taken = await lstat(candidate).then(
      () => true,
      () => false,
    );
    if (!taken) return candidate;
  }
}

function background(removal: Promise<void>, log: Log): void {
  const told = removal
    .catch((error: unknown) => log.warn("could not delete from the trash", { error: String(error) }))
    .finally(() => removals.delete(told));
  removals.add(told);
}
