import { chmod, lstat, mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Log } from "@agent-orchestrator/core/slots/common";
import { isErrno } from "./read-small.ts";

/** Where things wait for their deletion: beside what they were, so that the move is one rename. */
const TRASH = ".ao-trash";

/** Removes a file, link or tree. Never follows a link; folders that were made read-only are no obstacle. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "ENOTEMPTY")) throw error;
    await openFolders(Buffer.from(path));
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Names are bytes here: a file name need not be UTF-8. */
async function openFolders(path: Buffer): Promise<void> {
  if (!(await lstat(path)).isDirectory()) return;
  await chmod(path, 0o700);
  for (const entry of await readdir(path, { withFileTypes: true, encoding: "buffer" })) {
    if (entry.isDirectory()) await openFolders(Buffer.concat([path, Buffer.from("/"), entry.name]));
  }
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
