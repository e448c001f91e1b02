import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { repoConfig } from "./config.ts";
import { readHead } from "./refs.ts";
import { gitFolderOf, linkedWorktrees, type Repository } from "./repository.ts";
import type { GitHost } from "./run.ts";
import type { Checkout } from "./view.ts";

/**
 * Every working tree that git would name for this repository, the main one first. A record whose folder does not lead back
 * to the repository (moved away, or replaced by something else) is left out.
 */
export async function workTrees(host: GitHost, repo: Repository): Promise<Checkout[]> {
  const { commonDir } = repo;
  const main = await mainWorkTree(host, repo);
  const linked = await Promise.all(
    (await linkedWorktrees(repo)).map(async ({ gitDir, path }) =>
      (await leadsTo(path, gitDir)) ? [{ commonDir, gitDir, path }] : [],
    ),
  );
  return [...(main === null ? [] : [{ commonDir, gitDir: commonDir, path: main }]), ...linked.flat()];
}

/**
 * The main working tree; null: there is none, or git has no record of it. `core.bare` decides before `core.worktree`, as in
 * git. Anybody who works in a linked worktree can write that setting, so a place counts only when it leads back here.
 */
async function mainWorkTree(host: GitHost, repo: Repository): Promise<string | null> {
  const { commonDir, gitDir, path, isGitFolder } = repo;
  const { isBare, workTree } = await repoConfig(host, commonDir);
  if (isBare) return null;
  if (workTree !== null) {
    const place = resolve(commonDir, workTree);
    return (await leadsTo(place, commonDir)) ? place : null;
  }
  if (gitDir === commonDir && !isGitFolder) return path;
  return basename(commonDir) === ".git" ? dirname(commonDir) : null;
}

/**
 * Throws REFUSED when this branch is the main working tree's, and nothing tells where that is: moving the branch would leave
 * its files and index behind.
 */
export async function refuseLostWorkTree(host: GitHost, repo: Repository, branch: string): Promise<void> {
  const { isBare, workTree } = await repoConfig(host, repo.commonDir);
  if ((await mainWorkTree(host, repo)) !== null) return;
  if ((await readHead(repo, repo.commonDir)).branch !== branch) return;
  if (isBare) return refuseFalseBare(repo, branch);
  const where = workTree === null ? "a working tree that git has no record of" : `${resolve(repo.commonDir, workTree)}`;
  throw new AoError(
    "REFUSED",
    `${branch} is checked out in ${where}, and nothing there points back to ${repo.commonDir}`,
    {
      hint: "Set the project's `path` to the folder that has the files, or switch that folder to another branch.",
    },
  );
}

/**
 * An agent can write `core.bare`, and some tools do by mistake. A bare repository has no index: with one there are files, and the
 * next commit there would revert what the branch moved to.
 */
async function refuseFalseBare({ commonDir }: Repository, branch: string): Promise<void> {
  const index = join(commonDir, "index");
  if ((await lstat(index).catch(() => null)) === null) return;
  throw new AoError("REFUSED", `${branch} is checked out, but core.bare in ${commonDir} says that there are no files`, {
    hint: `Run \`git config core.bare false\` there. If the repository is meant to be bare, delete ${index}.`,
  });
}

async function leadsTo(path: string, gitDir: string): Promise<boolean> {
  const found = await gitFolderOf(path).catch(() => null);
  if (found === null) return false;
  const real = await realpath(found).catch(() => null);
  return real !== null && real === (await realpath(gitDir).catch(() => null));
}

/** Where this branch is checked out. */
export async function holdersOf(host: GitHost, repo: Repository, branch: string): Promise<Checkout[]> {
  const found = await Promise.all(
    (await workTrees(host, repo)).map(async (checkout) =>
      (await readHead(repo, checkout.gitDir)).branch === branch ? [checkout] : [],
    ),
  );
  return found.flat();
}
