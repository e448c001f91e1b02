import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { isErrno, readSmallFile } from "../files/read-small.ts";

/** A repository on disk, found by its files alone. Which working trees it has is a matter of its config: `work-trees.ts`. */
export interface Repository {
  /** The folder the user named. */
  path: string;
  /** Real path of the folder with objects, refs and config. */
  commonDir: string;
  /** Real path of the git folder of the checkout at `path` (the same, unless that is a linked worktree). */
  gitDir: string;
  /** `path` is a git folder itself, not a folder with a `.git` in it. */
  isGitFolder: boolean;
}

export interface LinkedWorktree {
  /** Name of its folder below `worktrees/`. */
  name: string;
  /** That folder: HEAD, index, operations in progress. */
  gitDir: string;
  /** The checkout. */
  path: string;
  /** The lock's reason; null when it is not locked. */
  lock: string | null;
}

export async function openRepository(path: string): Promise<Repository> {
  const entered = await gitFolderOf(path);
  const isGitFolder = entered === null && (await kindOf(join(path, ".git"))) === null && (await isOneItself(path));
  const gitDir = isGitFolder ? path : entered;
  if (gitDir === null || (await stat(gitDir).catch(() => null))?.isDirectory() !== true)
    throw await notARepository(path);
  const common = (await readSmallFile(join(gitDir, "commondir")))?.trim();
  const commonDir = await realpath(common === undefined ? gitDir : resolve(gitDir, common));
  if ((await kindOf(join(commonDir, "reftable"))) !== null) {
    throw new AoError("CONFIG", `${path} keeps its refs in the reftable format, which ao does not read yet`, {
      hint: "Run `git refs migrate --ref-format=files` to convert it.",
    });
  }
  return { path, commonDir, gitDir: await realpath(gitDir), isGitFolder };
}

/** Where the `.git` of a checkout leads: a folder, a link to one, or a file that names one. null: there is none. */
export async function gitFolderOf(path: string): Promise<string | null> {
  const dotGit = join(path, ".git");
  const kind = await kindOf(dotGit);
  if (kind === "file") return followGitFile(dotGit);
  return kind === "dir" || (kind === "other" && (await stat(dotGit).catch(() => null))?.isDirectory()) ? dotGit : null;
}

/** All linked worktrees, read from the repository's own records, not from the checkouts. */
export async function linkedWorktrees(repo: Repository): Promise<LinkedWorktree[]> {
  const root = join(repo.commonDir, "worktrees");
  const names = await readdir(root).catch((error: unknown) => {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  });
  const found = await Promise.all(names.map((name) => linkedWorktree(repo, name)));
  return found.filter((worktree) => worktree !== null);
}

async function linkedWorktree(repo: Repository, name: string): Promise<LinkedWorktree | null> {
  const gitDir = join(repo.commonDir, "worktrees", name);
  const pointer = (await readSmallFile(join(gitDir, "gitdir")))?.trim();
  if (pointer === undefined || pointer === "") return null;
  const lock = await readSmallFile(join(gitDir, "locked"));
  return { name, gitDir, path: dirname(resolve(gitDir, pointer)), lock: lock?.trim() ?? null };
}

export async function findWorktree(repo: Repository, path: string): Promise<LinkedWorktree | null> {
  const wanted = await realPathOf(path);
  const isIt = async (one: LinkedWorktree) => one.path === path || (await realPathOf(one.path)) === wanted;
  // Git names it after its folder unless that name was taken: with hundreds of worktrees, reading all of them costs.
  const likely = await linkedWorktree(repo, basename(path));
  if (likely !== null && (await isIt(likely))) return likely;
  for (const worktree of await linkedWorktrees(repo)) if (await isIt(worktree)) return worktree;
  return null;
}

/** The real path of what may not exist any more: its parent's is resolved, its own name is kept (it may be a link). */
async function realPathOf(path: string): Promise<string> {
  const parent = await realpath(dirname(path)).catch(() => dirname(path));
  return join(parent, path.slice(dirname(path).length));
}

async function followGitFile(file: string): Promise<string | null> {
  const match = /^gitdir: (.+)$/m.exec((await readSmallFile(file)) ?? "");
  return match?.[1] === undefined ? null : resolve(dirname(file), match[1].trim());
}

async function isOneItself(path: string): Promise<boolean> {
  const kinds = await Promise.all(["HEAD", "objects", "refs"].map((name) => kindOf(join(path, name))));
  return kinds[0] === "file" && kinds[1] === "dir" && kinds[2] === "dir";
}

async function notARepository(path: string): Promise<AoError> {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if ((await kindOf(join(folder, ".git"))) !== null) {
      return new AoError("CONFIG", `${path} is not the top folder of a git repository`, {
        hint: `It is inside ${folder}. Make that the project's path, and set \`cwd\` for the part the agent works in.`,
      });
    }
  }
  return new AoError("CONFIG", `${path} is not a git repository`, {
    hint: "Run `git init`, or correct the project's `path`.",
  });
}

async function kindOf(path: string): Promise<"file" | "dir" | "other" | null> {
  try {
    const stat = await lstat(path);
    return stat.isFile() ? "file" : stat.isDirectory() ? "dir" : "other";
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return null;
    throw error;
  }
}
