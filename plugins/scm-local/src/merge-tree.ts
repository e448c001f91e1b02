import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Repository } from "./repository.ts";

export interface MergedTree {
  /** Null if there are conflicts. */
  tree: string | null;
  conflicts: string[];
}

/** Git can merge without a checkout from this version on. */
const MERGE_TREE_SINCE = 2038;

/** Returns the result of merging `theirs` into `ours`, without touching a checkout, ref or index. */
export async function mergeTree(
  repository: Repository,
  commits: { ours: string; theirs: string },
  keep = false,
): Promise<MergedTree> {
  if (repository.gitVersion < MERGE_TREE_SINCE) return mergeInScratch(repository, commits, keep);
  const args = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", commits.ours, commits.theirs];
  const { stdout, exitCode, stderr } = await repository.lab(args, { okExits: [0, 1, 128], keep });
  if (exitCode === 128) {
    if (/unrelated histories/.test(stderr)) return { tree: null, conflicts: ["(unrelated histories)"] };
    throw new Error(`git merge-tree failed: ${stderr.slice(-500)}`);
  }
  const [tree, ...names] = stdout.split("\0").filter((part) => part !== "");
  return exitCode === 0 ? { tree: tree ?? null, conflicts: [] } : { tree: null, conflicts: [...new Set(names)] };
}

/** For older git: merges in a private folder with a separate index. */
export async function mergeInScratch(
  repository: Repository,
  { ours, theirs }: { ours: string; theirs: string },
  keep = false,
): Promise<MergedTree> {
  const { scratch } = repository.host;
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const dir = mkdtempSync(join(scratch, "merge-"));
  const where = { cwd: dir, workTree: dir, indexFile: join(dir, ".git-index") };
  const run = (args: string[], okExits = [0]) => repository.lab(args, { ...where, okExits, keep });
  try {
    const found = await run(["merge-base", ours, theirs], [0, 1]);
    if (found.exitCode === 1) return { tree: null, conflicts: ["(unrelated histories)"] };
    await run(["read-tree", ours]);
    await run(["checkout-index", "-a", "-q"]);
    await run(["update-index", "-q", "--refresh"], [0, 1]);
    await run(["merge-recursive", found.stdout.trim(), "--", ours, theirs], [0, 1]);
    const unmerged = (await run(["ls-files", "-u", "-z"])).stdout.split("\0").filter((line) => line !== "");
    const conflicts = [...new Set(unmerged.map((line) => line.slice(line.indexOf("\t") + 1)))];
    if (conflicts.length > 0) return { tree: null, conflicts };
    return { tree: (await run(["write-tree"])).stdout.trim(), conflicts };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
