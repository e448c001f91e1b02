import { lstat, realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isErrno, readSmallFile } from "../files/read-small.ts";

export interface GitPlace {
  /** Where the files are now. */
  path: string;
  /** Where the checkout was made. A relative path in its `.git` counts from here. */
  madeAt: string;
  /** Its git folder, as it was then. */
  gitDir: string;
}

/**
 * Whether the `.git` in a checkout's top folder is the one that it was made with, or missing. An agent may have made its own
 * repository instead.
 */
export async function hasOwnGit({ path, madeAt, gitDir }: GitPlace): Promise<boolean> {
  const file = join(path, ".git");
  if (gitDir === join(madeAt, ".git")) return true;
  try {
    if (!(await lstat(file)).isFile()) return false;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return true;
    throw error;
  }
  const named = /^gitdir: (.+)$/m.exec((await readSmallFile(file)) ?? "")?.[1]?.trim();
  if (named === undefined) return false;
  const [found, wanted] = await Promise.all([resolve(madeAt, named), gitDir].map(realOrSame));
  return found === wanted;
}

const realOrSame = (path: string): Promise<string> => realpath(path).catch(() => path);
