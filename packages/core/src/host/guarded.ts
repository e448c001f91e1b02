import { closeSync, constants, existsSync, lstatSync, openSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { AoError } from "../model/errors.ts";

/**
 * Agents run as the same user, so one of them may replace a folder of the state folder by a link. Whatever `ao` then
 * writes or deletes would happen elsewhere. So below a guarded folder every folder is opened one after the other
 * without following a link, and the last step is made through its descriptor: Node has no `openat`, but
 * `/proc/self/fd/N/name` is one. Where there is no `/proc`, each folder is looked at before, which leaves a moment
 * between the look and the use.
 */
export const O_PATH = 0o10000000;
export const HAS_PROC = process.platform === "linux" && existsSync("/proc/self/fd");
const ENTER = O_PATH | constants.O_DIRECTORY;

/** One per process as a rule. Registered here and not passed along, so that no call can forget it. */
const guarded = new Set<string>();

/** From now on this process follows no link below this folder. The folder itself may be reached through one. */
export function guardFolder(path: string): void {
  guarded.add(resolve(path));
}

/** A way to reach a file or folder that stays valid until it is released, whatever happens to the folders above it. */
export interface Held {
  /** For one system call. The last part of it is not resolved: it may be anything, or missing. */
  path: string;
  release(): void;
}

/**
 * Holds the folder that a path is in. Null for a path that is not below a guarded folder. Throws REFUSED if one of the
 * folders is a link, and the system's error if one is missing or can't be entered.
 */
export function holdParent(path: string): Held | null {
  const full = resolve(path);
  const root = rootOf(full);
  if (root === null) return null;
  const folder = enter(root, dirname(full));
  return folder === null
    ? { path: full, release: () => undefined }
    : { path: `${folder.path}${full.slice(dirname(full).length)}`, release: folder.release };
}

/** Holds the folder itself, to list it or to work in it. Otherwise like `holdParent`. */
export function holdFolder(path: string): Held | null {
  const full = resolve(path);
  const root = rootOf(full);
  if (root === null) return null;
  return enter(root, full) ?? { path: full, release: () => undefined };
}

function rootOf(path: string): string | null {
  for (const root of guarded) if (path.startsWith(`${root}/`)) return root;
  return null;
}

/** Null where folders can only be looked at. */
function enter(root: string, folder: string): Held | null {
  const names = folder
    .slice(root.length)
    .split("/")
    .filter((name) => name !== "");
  if (!HAS_PROC) {
    names.reduce((above, name) => requireNoLink(join(above, name)), root);
    return null;
  }
  let fd = openSync(root, ENTER);
  let at = root;
  for (const name of names) {
    const above = fd;
    at = join(at, name);
    try {
      fd = openSync(`/proc/self/fd/${above}/${name}`, ENTER | constants.O_NOFOLLOW);
    } catch (error) {
      requireNoLink(at);
      throw renamed(error, { from: `/proc/self/fd/${above}/${name}`, to: at });
    } finally {
      closeSync(above);
    }
  }
  const held = fd;
  return { path: `/proc/self/fd/${held}`, release: () => closeSync(held) };
}

function requireNoLink(folder: string): string {
  const isLink = lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (isLink) throw linkError(folder);
  return folder;
}

export function linkError(path: string): AoError {
  return new AoError("REFUSED", `${path} is a symbolic link, and ao follows no link in its state folder`, {
    hint: `Remove the link (\`rm ${path}\`), or move what it points to into its place.`,
    details: { path },
  });
}

/** Runs one call through a held folder. Errors name the path that was asked for. */
export function through<T>(path: string, use: (path: string, isGuarded: boolean) => T): T {
  const held = holdParent(path);
  if (held === null) return use(path, false);
  try {
    return use(held.path, true);
  } catch (error) {
    throw renamed(error, { from: held.path, to: path });
  } finally {
    held.release();
  }
}

/** The same for calls that return a promise. */
export const throughAsync = async <T>(path: string, use: (path: string) => Promise<T>): Promise<T> =>
  await whileHeld({ held: holdParent(path), path }, use);

/** The same for work inside a folder. */
export const throughFolder = async <T>(path: string, use: (path: string) => Promise<T>): Promise<T> =>
  await whileHeld({ held: holdFolder(path), path }, use);

async function whileHeld<T>(
  { held, path }: { held: Held | null; path: string },
  use: (path: string) => Promise<T>,
): Promise<T> {
  if (held === null) return await use(path);
  try {
    return await use(held.path);
  } catch (error) {
    throw renamed(error, { from: held.path, to: path });
  } finally {
    held.release();
  }
}

/** Throws REFUSED if one of the folders above a path is a link. For a program that is about to work at this path. */
export function requireNoLinkAbove(path: string): void {
  try {
    holdParent(path)?.release();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** A system error in terms of the real path. */
export function renamed(error: unknown, { from, to }: { from: string; to: string }): unknown {
  if (!(error instanceof Error) || from === to) return error;
  const known = error as NodeJS.ErrnoException;
  known.message = known.message.replaceAll(from, to);
  if (known.path !== undefined) known.path = known.path.replaceAll(from, to);
  return known;
}
