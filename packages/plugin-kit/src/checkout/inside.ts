import { lstat, mkdir, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { isErrno } from "../files/read-small.ts";

/** A relative path without `..`, `.` or a leading slash; null when it is none. */
export function cleanRelative(path: string): string | null {
  if (path === "" || isAbsolute(path) || path.includes("\0")) return null;
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.length === 0 || parts.includes("..") || parts[0] === ".git") return null;
  return parts.join("/");
}

/** Whether the real path of `path` lies in the real folder `root` (or is it). null: it does not exist. */
export async function realInside(root: string, path: string): Promise<boolean | null> {
  try {
    const between = relative(await realpath(root), await realpath(path));
    return between === "" || (between !== ".." && !between.startsWith(`..${sep}`) && !isAbsolute(between));
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) return null;
    throw error;
  }
}

/**
 * Makes the folders above `root/path`, one by one, and goes through no link on the way: a checkout may hold a link that
 * points anywhere. false when something other than a folder is in the way.
 */
export async function makeParents(root: string, path: string): Promise<boolean> {
  const parts = dirname(path) === "." ? [] : dirname(path).split("/");
  let folder = root;
  for (const part of parts) {
    folder = join(folder, part);
    const found = await lstat(folder).catch((error: unknown) => {
      if (isErrno(error, "ENOENT")) return null;
      throw error;
    });
    if (found === null) await mkdir(folder);
    else if (!found.isDirectory()) return false;
  }
  return true;
}

export const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    (error: unknown) => {
      if (isErrno(error, "ENOENT", "ENOTDIR")) return false;
      throw error;
    },
  );
