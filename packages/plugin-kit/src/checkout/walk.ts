import type { Stats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { isClosed, isGone, makeReadable, type Opened } from "../files/readable.ts";
import { bytePath } from "./tree-list.ts";

/** A file, link or folder of a checkout. The path is relative, one character per byte. */
export interface Found {
  path: string;
  stat: Stats;
}

export interface Walked {
  /** Files and links. */
  found: Found[];
  /** Each one before what is in it. */
  folders: Found[];
  /** Ignored folders that are made again by a build or an install. Repositories in them are in the lists above. */
  skipped: string[];
  /** Pipes, sockets and devices: they hold nothing. */
  left: string[];
  /** Files and folders of others that may not be read. */
  unreadable: string[];
}

export interface WalkRequest {
  root: string;
  /** The `.git` in the top folder is the checkout's own, and not part of the files. */
  isOwnGit: boolean;
  opened: Opened[];
  isIgnored(path: string): boolean;
  isRegenerable(folder: { path: string; part: string; isIgnored: boolean }): boolean;
}

interface Walk extends WalkRequest {
  seen: Walked;
}

/**
 * Everything in a checkout but folders that a build makes again. A repository is never such a folder, wherever it is:
 * its commits may be nowhere else.
 */
export async function walkCheckout(request: WalkRequest): Promise<Walked> {
  const seen: Walked = { found: [], folders: [], skipped: [], left: [], unreadable: [] };
  await walk({ ...request, seen }, { path: "", part: "", isIgnored: false, isInRepository: false });
  return seen;
}

interface Visit {
  path: string;
  /** The last part of it. */
  part: string;
  isIgnored: boolean;
  /** In a nested repository. What git ignores there is not known here, so nothing of it is left out. */
  isInRepository: boolean;
}

async function walk(state: Walk, folder: Visit): Promise<void> {
  const { root, seen, isOwnGit } = state;
  const { path, isIgnored } = folder;
  const names = (await readdir(bytePath(root, path), { encoding: "buffer" })).map((name) => name.toString("latin1"));
  const isInRepository = folder.isInRepository || (path !== "" && isRepository(names));
  for (const part of names) {
    if (path === "" && part === ".git" && isOwnGit) continue;
    const child = { path: path === "" ? part : `${path}/${part}`, part, isIgnored, isInRepository };
    try {
      await visit(state, child);
    } catch (error) {
      // Deleted meanwhile by what still runs.
      if (isGone(error)) continue;
      if (!isClosed(error)) throw error;
      seen.unreadable.push(child.path);
    }
  }
}

/** By the names in a folder: a working tree with its git folder, or a bare one. */
const isRepository = (names: readonly string[]): boolean =>
  names.includes(".git") || ["HEAD", "objects", "refs"].every((name) => names.includes(name));

async function visit(state: Walk, { path, part, isIgnored, isInRepository }: Visit): Promise<void> {
  const { seen, root, opened } = state;
  const stat = await lstat(bytePath(root, path));
  const child = { path, part, isIgnored: isIgnored || state.isIgnored(path), isInRepository };
  if (stat.isDirectory() && !isInRepository && state.isRegenerable(child)) {
    seen.skipped.push(path);
    await searchRepositories(state, child);
  } else if (stat.isSymbolicLink()) {
    seen.found.push({ path, stat });
  } else if (!stat.isFile() && !stat.isDirectory()) {
    seen.left.push(path);
  } else if (!(await makeReadable(bytePath(root, path), stat, opened))) {
    seen.unreadable.push(path);
  } else if (stat.isFile()) {
    seen.found.push({ path, stat });
  } else {
    seen.folders.push({ path, stat });
    await walk(state, child);
  }
}

/**
 * Takes the repositories out of a folder that is skipped otherwise, and the folders that lead to them. Returns whether there
 * is one. A folder that may not be listed is skipped with the rest.
 */
async function searchRepositories(state: Walk, folder: Visit): Promise<boolean> {
  const { root, seen, opened } = state;
  const at = bytePath(root, folder.path);
  const stat = await lstat(at);
  if (!(await makeReadable(at, stat, opened))) return false;
  const entries = await readdir(at, { withFileTypes: true, encoding: "buffer" });
  const names = entries.map(({ name }) => name.toString("latin1"));
  const place = seen.folders.push({ path: folder.path, stat }) - 1;
  if (isRepository(names)) {
    await walk(state, { ...folder, isInRepository: true });
    return true;
  }
  let hasOne = false;
  for (const [n, entry] of entries.entries()) {
    if (!entry.isDirectory()) continue;
    const part = names[n] ?? "";
    const child = { ...folder, path: `${folder.path}/${part}`, part };
    const isThere = await searchRepositories(state, child).catch((error: unknown) => {
      if (isClosed(error) || isGone(error)) return false;
      throw error;
    });
    hasOne ||= isThere;
  }
  if (!hasOne) seen.folders.splice(place, 1);
  return hasOne;
}
