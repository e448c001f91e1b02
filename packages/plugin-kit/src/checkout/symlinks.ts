import { realpath, symlink } from "node:fs/promises";
import { join } from "node:path";
import { cleanRelative, isThere, makeParents, realInside } from "./inside.ts";

/**
 * Links files or folders of the project into its checkout, to share them. Answers a sentence for each one left out: a link
 * that would leave the project, a name that is taken, a file that is not there.
 */
export async function linkShared(project: string, checkout: string, paths: readonly string[]): Promise<string[]> {
  const notes: string[] = [];
  for (const path of paths) {
    const problem = await linkOne(project, checkout, path);
    if (problem !== null) notes.push(`symlinks: ${path} was left out: ${problem}`);
  }
  return notes;
}

async function linkOne(project: string, checkout: string, path: string): Promise<string | null> {
  const name = cleanRelative(path);
  if (name === null) return "it is not a path inside the project";
  const isInside = await realInside(project, join(project, name));
  if (isInside === null) return "the project has no such file";
  if (!isInside) return "it leads out of the project";
  if (!(await makeParents(checkout, name))) return "a folder above it is a link or a file in the checkout";
  if (await isThere(join(checkout, name))) return "the checkout has its own";
  await symlink(await realpath(join(project, name)), join(checkout, name));
  return null;
}
