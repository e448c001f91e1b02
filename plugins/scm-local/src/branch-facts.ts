import { isGuarded } from "@agent-orchestrator/plugin-kit/guarded-files";
import { withLanded } from "./landed.ts";
import { mergeTree } from "./merge-tree.ts";
import type { Repository } from "./repository.ts";

/** What git reports of one head against one base. It depends on the two commits alone, so it is cached. */
export interface BranchFacts {
  commitsAhead: number;
  conflicts: string[];
  touchesGuardedFiles: boolean;
  files: number;
  additions: number;
  deletions: number;
}

export interface Ends {
  head: string;
  /** Of the local branch that a merge moves. What only a remote has is part of the change, because the merge brings it in. */
  base: string;
  /** Commits whose changes are in the base, perhaps as other commits. */
  landed?: readonly string[];
}

const NOTHING: BranchFacts = {
  commitsAhead: 0,
  conflicts: [],
  touchesGuardedFiles: false,
  files: 0,
  additions: 0,
  deletions: 0,
};

export async function readBranchFacts(repository: Repository, asked: Ends): Promise<BranchFacts> {
  const ends = { ...asked, base: await withLanded(repository, asked), landed: [] };
  const { behind, ahead: commitsAhead } = await countBoth(repository, ends);
  if (commitsAhead === 0) return NOTHING;
  // A base that has nothing new is where the branch forked, and merging can't conflict. That is most looks, at half the programs.
  const isBaseOld = behind === 0;
  const { conflicts } = isBaseOld
    ? { conflicts: [] }
    : await mergeTree(repository, { ours: ends.base, theirs: ends.head });
  const from = isBaseOld ? ends.base : await forkPoint(repository, ends);
  const diff = ["diff-tree", "-r", "-z", "--numstat", "--no-renames", "--no-ext-diff", "--no-textconv"];
  const { stdout } = await repository.lab([...diff, from, ends.head], { maxBytes: 64 << 20 });
  const rows = stdout.split("\0").filter((row) => row !== "");
  const parsed = rows.map((row) => /^(\d+|-)\t(\d+|-)\t([\s\S]*)$/.exec(row)).filter((row) => row !== null);
  return {
    commitsAhead,
    conflicts,
    touchesGuardedFiles: parsed.some((row) => isGuarded(row[3] ?? "")),
    files: parsed.length,
    additions: parsed.reduce((sum, row) => sum + (Number(row[1]) || 0), 0),
    deletions: parsed.reduce((sum, row) => sum + (Number(row[2]) || 0), 0),
  };
}

/** Commits that only the base has, and only the head. */
async function countBoth(repository: Repository, { head, base }: Ends): Promise<{ behind: number; ahead: number }> {
  const { stdout } = await repository.lab(["rev-list", "--left-right", "--count", `${base}...${head}`]);
  const [behind = Number.NaN, ahead = Number.NaN] = stdout.trim().split("\t").map(Number);
  return { behind, ahead };
}

export async function countAhead(repository: Repository, { head, base, landed = [] }: Ends): Promise<number> {
  const not = [base, ...landed].map((sha) => `^${sha}`);
  const { stdout } = await repository.lab(["rev-list", "--count", head, ...not]);
  return Number(stdout.trim());
}

/** The merge base, or the base itself if the two have nothing in common. */
export async function forkPoint(repository: Repository, { head, base, landed = [] }: Ends): Promise<string> {
  const args = ["merge-base", head, base, ...landed];
  const { stdout, exitCode } = await repository.lab(args, { okExits: [0, 1] });
  return exitCode === 0 ? stdout.trim() : base;
}

export async function contains(repository: Repository, base: string, commit: string): Promise<boolean> {
  const { exitCode } = await repository.lab(["merge-base", "--is-ancestor", commit, base], { okExits: [0, 1, 128] });
  return exitCode === 0;
}
