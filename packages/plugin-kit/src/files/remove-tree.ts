import { constants } from "node:fs";
import { chmod, lstat, open, readdir, rename, rmdir, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { HAS_PROC, O_PATH, renamed, throughAsync } from "@agent-orchestrator/core/host/guarded";
import type { Log } from "@agent-orchestrator/core/slots/common";
import { eachOf } from "../checkout/each-of.ts";
import { listFolder, makeFolder } from "./folders.ts";
import { isErrno } from "./read-small.ts";
import { isClosed, isGone } from "./readable.ts";

/** Where things wait for their deletion: next to their old place, so that the move is one rename. */
export const TRASH = ".ao-trash";
/** Where removed checkouts are until it is certain that all of their work is kept. Nothing in it is deleted from there. */
export const ASIDE = ".ao-removing";

/**
 * Removes a file, link or tree. Fine if there is nothing. Never follows a link, also if somebody puts one in the place of
 * a folder meanwhile: each folder is emptied through its descriptor. Folders that were made read-only are no obstacle.
 * What belongs to another user may be one: everything else goes, then the error of the first such thing is thrown.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await throughAsync(path, (at) => removeAt(Buffer.from(at)));
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** Names are bytes here: a file name need not be UTF-8. */
async function removeAt(path: Buffer): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (isGone(error)) return;
    // Linux says EISDIR of a folder, and macOS EPERM, which may also be a matter of permissions.
    if (!isErrno(error, "EISDIR", "EPERM", "EACCES")) throw error;
    await removeFolder(path).catch((second: unknown) => {
      throw isErrno(second, "ENOTDIR") ? error : second;
    });
  }
}

/** Something may still be written to it while it is being emptied. */
const ATTEMPTS = 3;

async function removeFolder(path: Buffer): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await withFolder(path, emptyFolder);
    try {
      await rmdir(path);
      return;
    } catch (error) {
      if (isGone(error)) return;
      if (!isErrno(error, "ENOTEMPTY", "EEXIST") || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Makes the folder itself reachable for as long as `use` takes, whatever happens to its name. */
async function withFolder(path: Buffer, use: (path: Buffer) => Promise<void>): Promise<void> {
  if (!HAS_PROC) {
    if (!(await lstat(path)).isDirectory()) throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" });
    await use(path);
    return;
  }
  const handle = await open(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const held = `/proc/self/fd/${handle.fd}`;
  try {
    await use(Buffer.from(held));
  } catch (error) {
    throw renamed(error, { from: held, to: path.toString() });
  } finally {
    await handle.close();
  }
}

const AT_ONCE = 16;

async function emptyFolder(folder: Buffer): Promise<void> {
  await openFolder(folder);
  const entries = await readdir(folder, { withFileTypes: true, encoding: "buffer" });
  let obstacle: unknown = null;
  const remove = (name: Buffer): Promise<void> =>
    removeAt(below(folder, name)).catch((error: unknown) => {
      obstacle ??= error;
    });
  const files = entries.filter((entry) => !entry.isDirectory());
  await eachOf(files, AT_ONCE, ({ name }) => remove(name));
  // One after the other: each of them holds a descriptor.
  for (const entry of entries) if (entry.isDirectory()) await remove(entry.name);
  if (obstacle !== null) throw obstacle;
}

async function openFolder(folder: Buffer): Promise<void> {
  try {
    const isOpen = ((await stat(folder)).mode & 0o700) === 0o700;
    if (!isOpen) await chmod(folder, 0o700);
  } catch (error) {
    if (!isClosed(error) && !isGone(error)) throw error;
  }
}

const below = (path: Buffer, name: Buffer): Buffer => Buffer.concat([path, Buffer.from("/"), name]);

const removals = new Set<Promise<void>>();

/**
 * Takes `path` away at once (one rename) and deletes it in the background, and with it the trash once that is empty. What a crash
 * leaves in the trash is deleted by `sweepTrash`. Fine if there is nothing. Throws REFUSED if the trash is a link.
 */
export async function discard(path: string, log: Log, beside = dirname(path)): Promise<void> {
  const trash = join(beside, TRASH);
  for (;;) {
    await makeFolder(trash);
    const aside = await freeName(trash, basename(path));
    try {
      await throughAsync(path, (from) => throughAsync(aside, (to) => rename(from, to)));
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
      // The trash of another removal, which has just ended, may have been removed in between.
      if (await isThere(path)) continue;
      await dropEmpty(trash);
      return;
    }
    background(
      removeTree(aside).then(() => dropEmpty(trash)),
      log,
    );
    return;
  }
}

const isThere = (path: string): Promise<boolean> =>
  throughAsync(path, (at) => lstat(at)).then(
    () => true,
    (error: unknown) => {
      if (isErrno(error, "ENOENT", "ENOTDIR")) return false;
      throw error;
    },
  );

/** Removes a folder of `ao`'s own if it is empty. */
export async function dropEmpty(folder: string): Promise<void> {
  try {
    await throughAsync(folder, (at) => rmdir(at));
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENOTDIR", "ENOTEMPTY", "EEXIST")) throw error;
  }
}

/** Deletes what earlier runs left in the trash next to `path`, in the background. Throws REFUSED if the trash is a link. */
export async function sweepTrash(parent: string, log: Log): Promise<void> {
  const trash = join(parent, TRASH);
  const names = await listFolder(trash);
  for (const name of names)
    background(
      removeTree(join(trash, name)).then(() => dropEmpty(trash)),
      log,
    );
}

/** Resolves when all deletions under way have ended. */
export async function trashEmptied(): Promise<void> {
  await Promise.all(removals);
}

/** The first of `name.1`, `name.2`, … that a folder does not have. */
export async function freeName(folder: string, name: string): Promise<string> {
  const taken = new Set(await listFolder(folder));
  for (let n = 1; ; n += 1) if (!taken.has(`${name}.${n}`)) return join(folder, `${name}.${n}`);
}

function background(removal: Promise<void>, log: Log): void {
  const told = removal
    .catch((error: unknown) => log.warn("could not delete from the trash", { error: String(error) }))
    .finally(() => removals.delete(told));
  removals.add(told);
}
