import { lstat, readdir, rmdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { removeTree } from "@agent-orchestrator/plugin-kit/files/remove-tree";
import { findWorktree, type Repository } from "@agent-orchestrator/plugin-kit/git/repository";

/** Removes the repository's entry of the worktree at `path`, whole or half-made, locked or not. */
export async function forgetWorktree(repo: Repository, path: string): Promise<void> {
  const worktree = await findWorktree(repo, path);
  if (worktree !== null) await removeTree(worktree.gitDir);
  const root = join(repo.commonDir, "worktrees");
  const names = await readdir(root).catch(() => []);
  for (const name of names) {
    // Killed before git wrote where it belongs: only its name, made from the checkout's, tells whose it is.
    const isOurs = name.startsWith(basename(path)) && /^\d*$/.test(name.slice(basename(path).length));
    if (isOurs && (await isHalfMade(join(root, name)))) await removeTree(join(root, name));
  }
  await rmdir(root).catch(() => undefined); // as git does: gone with the last worktree, else not empty
}

async function isHalfMade(gitDir: string): Promise<boolean> {
  const pointer = await lstat(join(gitDir, "gitdir")).catch(() => null);
  return pointer === null || pointer.size === 0;
}
