import { constants } from "node:fs";
import { copyFile, readdir, readlink, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readSmallFile } from "../files/read-small.ts";
import { isClosed, isGone } from "../files/readable.ts";
import { ASIDE, TRASH } from "../files/remove-tree.ts";
import type { Repository } from "../git/repository.ts";
import { withView } from "../git/view.ts";
import type { CheckoutHost } from "./host.ts";
import { isThere, makeParents, realInside } from "./inside.ts";
import { isSelected, parsePatterns } from "./patterns.ts";
import { REGENERABLE } from "./regenerable.ts";

interface CopyRequest {
  project: string;
  /** The project's `worktreeDir`. */
  worktreeDir: string | null;
  repo: Repository;
  checkout: string;
  /** The project's `copy`. */
  patterns: readonly string[];
}

/** A copy of a whole dependency folder is surely not what a pattern meant. */
const MAX_FILES = 5_000;

/**
 * Copies what git does not bring into a new checkout: files of the user's own one that match `copy`, and those that match
 * `.worktreeinclude` and are ignored by git. Nothing that is there is overwritten, no link is followed, and other checkouts
 * in the project are left alone. What cannot be read is a note.
 */
export async function copyExtras(host: CheckoutHost, request: CopyRequest): Promise<string[]> {
  const include = await readSmallFile(join(request.project, ".worktreeinclude"));
  const copy = parsePatterns(request.patterns);
  const included = parsePatterns((include ?? "").split("\n"));
  if (copy.length === 0 && included.length === 0) return [];
  const { found, unread } = await walk(request, [...request.patterns, ...(include ?? "").split("\n")]);
  const notes = unread.map((path) => `copy: ${path} was left out: it could not be read`);
  const wanted = found.filter((path) => isSelected(copy, path));
  const fromFile = found.filter((path) => isSelected(included, path) && !isSelected(copy, path));
  const all = [...wanted, ...(await onlyIgnored(host, request, fromFile))];
  if (all.length > MAX_FILES) {
    return [...notes, `copy: ${all.length} files match, more than ${MAX_FILES}: none was copied`];
  }
  for (const path of all) {
    const problem = await copyOne(request.project, request.checkout, path);
    if (problem !== null) notes.push(`copy: ${path} was left out: ${problem}`);
  }
  return notes;
}

interface Walked {
  found: string[];
  /** Folders that may not be listed. */
  unread: string[];
}

/**
 * Files and links below the project. Folders of dependencies and builds only where a pattern names them; never another
 * checkout (a submodule, a nested repository, a worktree of ours or of another tool).
 */
async function walk({ project, worktreeDir, checkout }: CopyRequest, patterns: readonly string[]): Promise<Walked> {
  const named = [...REGENERABLE].filter((name) => patterns.some((pattern) => pattern.split("/").includes(name)));
  const isSkipped = (name: string) =>
    name === ".git" || name === TRASH || name === ASIDE || (REGENERABLE.has(name) && !named.includes(name));
  // Checkouts that are only being made or removed have no `.git` yet, or no longer.
  const ours = new Set([worktreeDir, dirname(checkout)].filter((path) => path !== null && path !== project));
  const walked: Walked = { found: [], unread: [] };
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(join(project, folder), { withFileTypes: true }).catch((error: unknown) => {
      if (isClosed(error)) walked.unread.push(folder);
      else if (!isGone(error)) throw error;
      return [];
    });
    if (folder !== "" && entries.some(({ name }) => name === ".git")) return;
    for (const entry of entries) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !isSkipped(entry.name) && !ours.has(join(project, path))) await visit(path);
      else if (entry.isFile() || entry.isSymbolicLink()) walked.found.push(path);
    }
  };
  await visit("");
  walked.found.sort();
  return walked;
}

async function onlyIgnored(host: CheckoutHost, { repo, project }: CopyRequest, paths: string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const checkout = { commonDir: repo.commonDir, gitDir: repo.gitDir, path: project };
  const { stdout } = await withView(host, checkout, (view) =>
    view.run(["check-ignore", "-z", "--stdin"], { input: `${paths.join("\0")}\0`, okExits: [0, 1] }),
  );
  const ignored = new Set(stdout.split("\0"));
  return paths.filter((path) => ignored.has(path));
}

async function copyOne(project: string, checkout: string, path: string): Promise<string | null> {
  const from = join(project, path);
  const to = join(checkout, path);
  try {
    return await copyTo({ project, checkout, path, from, to });
  } catch (error) {
    if (isClosed(error)) return "it could not be read";
    if (isGone(error)) return "it disappeared meanwhile";
    throw error;
  }
}

interface OneCopy {
  project: string;
  checkout: string;
  path: string;
  from: string;
  to: string;
}

async function copyTo({ project, checkout, path, from, to }: OneCopy): Promise<string | null> {
  if (!(await makeParents(checkout, path))) return "a folder above it is a link or a file in the checkout";
  if (await isThere(to)) return null; // tracked: the checkout has the version of its commit
  const target = await readlink(from).catch(() => null);
  if (target === null) {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    return null;
  }
  if ((await realInside(project, from)) !== true) return "it is a link that leads out of the project";
  await symlink(target, to);
  return null;
}
