import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { Bind } from "./container-options.ts";

/** Whether this folder is a checkout. Nothing above it counts: that would be somebody else's. */
export const isCheckout = (folder: string): boolean => isRepository(join(folder, ".git"));

/** Git passes by a folder `.git` that has no HEAD. */
const isRepository = (dotGit: string): boolean =>
  existsSync(dotGit) && (!lstatSync(dotGit).isDirectory() || existsSync(join(dotGit, "HEAD")));

/**
 * What git needs in a container to commit in this checkout, and no more: objects, the branches beside its own, and the worktree's own
 * folder may be written. The main checkout's index, head, config and hooks may be read, since they decide what git runs, and so may the
 * files by which the worktree is found: the daemon's own git trusts them.
 */
export function gitBinds(checkout: string): Bind[] {
  const dotGit = join(checkout, ".git");
  if (lstatSync(dotGit).isDirectory()) return ownRepository(dotGit);
  const admin = pointedAt(dotGit, checkout, /^gitdir: (.+)$/m);
  const common = pointedAt(join(admin, "commondir"), admin, /^(.+)$/m);
  const branches = branchFolder(admin);
  const folders = [join(common, "objects"), join(common, branches), join(common, "logs", branches), admin];
  for (const folder of [...folders, join(common, "objects/info")]) mkdirSync(folder, { recursive: true });
  // With extensions.worktreeConfig git reads it, so it may not appear later.
  const settings = join(admin, "config.worktree");
  if (!existsSync(settings)) writeFileSync(settings, "");
  return [
    readable(common),
    ...alternatesOf(common).map(readable),
    ...folders.map((path) => ({ source: path, target: path, readOnly: false })),
    ...[join(common, "objects/info"), join(admin, "commondir"), join(admin, "gitdir"), settings, dotGit].map(readable),
  ];
}

function ownRepository(gitDir: string): Bind[] {
  const deciding = ["config", "hooks", "objects/info"].map((name) => join(gitDir, name));
  for (const name of ["hooks", "objects/info"]) mkdirSync(join(gitDir, name), { recursive: true });
  return [...deciding, ...alternatesOf(gitDir)].map(readable);
}

const readable = (path: string): Bind => ({ source: path, target: path, readOnly: true });

/** `refs/heads/fix` of the branch `fix/42`: git locks and replaces files there. All branches, if its name has one part. */
function branchFolder(admin: string): string {
  const branch = /^ref: (refs\/heads\/.+)$/m.exec(readFileSync(join(admin, "HEAD"), "utf8"))?.[1];
  return branch === undefined ? "refs/heads" : dirname(branch);
}

function alternatesOf(gitDir: string): string[] {
  const list = join(gitDir, "objects/info/alternates");
  if (!existsSync(list)) return [];
  const lines = readFileSync(list, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => resolve(join(gitDir, "objects"), line)).filter((path) => existsSync(path));
}

function pointedAt(file: string, from: string, pattern: RegExp): string {
  const path = pattern.exec(readFileSync(file, "utf8"))?.[1]?.trim() ?? "";
  return isAbsolute(path) ? path : resolve(from, path);
}
