import type { Stats } from "node:fs";
import { chmod, constants, open } from "node:fs/promises";
import { isErrno } from "./read-small.ts";

/** Errors to expect in a walk of someone else's files: no permission, or a file that has disappeared meanwhile. */
export const isClosed = (error: unknown): error is NodeJS.ErrnoException => isErrno(error, "EACCES", "EPERM");
export const isGone = (error: unknown): error is NodeJS.ErrnoException => isErrno(error, "ENOENT", "ENOTDIR");

export interface Opened {
  path: Buffer;
  /** The permissions it had. */
  mode: number;
}

/**
 * Whether this process can read a file, or list a folder and reach what is in it. A file or folder of the user's own that its
 * permissions close is opened for that, and noted down in `opened`: give that to `closeAgain`.
 */
export async function makeReadable(path: Buffer, stat: Stats, opened: Opened[]): Promise<boolean> {
  const me = process.geteuid?.() ?? stat.uid;
  if (me === 0) return true;
  const needed = stat.isDirectory() ? 0o500 : 0o400;
  if (stat.uid !== me) return canOpen(path, stat);
  if ((stat.mode & needed) === needed) return true;
  const mode = stat.mode & 0o7777;
  await chmod(path, mode | needed);
  opened.push({ path, mode });
  return true;
}

/** Another user's: groups and access lists decide, so only trying tells. */
async function canOpen(path: Buffer, stat: Stats): Promise<boolean> {
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(path, stat.isDirectory() ? flags | constants.O_DIRECTORY : flags);
    await handle.close();
    return true;
  } catch (error) {
    if (isClosed(error)) return false;
    throw error;
  }
}

/** Gives back the permissions that `makeReadable` changed, the innermost first. */
export async function closeAgain(opened: readonly Opened[]): Promise<void> {
  for (const { path, mode } of [...opened].reverse()) {
    await chmod(path, mode).catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
  }
}
