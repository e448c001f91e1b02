import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { snapshot } from "./bench.ts";
import { STEPS, type Work } from "./states.ts";

export type Git = (path: string, ...args: string[]) => string;

/** Submodules' own indexes, rewritten by `git status`, and the halves of a split index. */
const isVolatile = (name: string): boolean => /^modules\/.*index$|^sharedindex\.|^COMMIT_EDITMSG$|^index$/.test(name);

/** What `STEPS` put into folders that a build makes again, outside of the repositories there. */
const isBuilt = (name: string): boolean => /^target\/debug\/|^node_modules\/p\d+\//.test(name);

/** Everything by which a person or a program could tell two checkouts apart. Pipes and sockets are in a list of their own. */
export function lookAt(path: string, gitIn: Git): { seen: unknown; special: string[] } {
  const git = (...args: string[]) => {
    try {
      return gitIn(path, ...args);
    } catch (error) {
      return `failed: ${String((error as { status?: unknown }).status)}`;
    }
  };
  const inSubmodule = existsSync(join(path, "sub/.git"))
    ? git("-C", "sub", "status", "--porcelain=v2", "--branch")
    : "";
  const gitDir = git("rev-parse", "--absolute-git-dir").trim();
  const all = Object.entries(snapshot(path, [".git"]));
  const special = all.flatMap(([name, is]) => (is === "special" ? [name] : []));
  const seen = {
    status: git("status", "--porcelain=v2", "--branch", "--untracked-files=all"),
    index: git("ls-files", "--stage", "-t", "-v"),
    log: git("log", "--format=%H %s", "-20", "--root", "--raw"),
    inSubmodule,
    // HEAD, its log and operations in progress. The index contains different inodes, and a clone's packs have different names.
    gitFolder: Object.entries(snapshot(gitDir, ["objects", "locked"])).filter(([name]) => !isVolatile(name)),
    files: all.filter(([name, is]) => is !== "special" && !isBuilt(name) && !isBuiltFolder(name)),
    attributes: attributesOf(path),
  };
  return { seen, special };
}

/** Folders that only lead to what a build makes. Whether they are there does not matter. */
const isBuiltFolder = (name: string): boolean => /^(?:target|node_modules)\/(?:(?:debug|deps|p\d+)\/)?$/.test(name);

/** Every extended attribute below a folder, as tar reads them: it is the one program that is everywhere. */
function attributesOf(path: string): string[] {
  const marked = execFileSync(
    "tar",
    [
      "-C",
      path,
      "--xattrs",
      "--xattrs-include=user.*",
      "--exclude=./target",
      "--exclude=./node_modules",
      "--exclude=./.git",
      "--format=posix",
      "-cf",
      "-",
      ".",
    ],
    { encoding: "latin1", maxBuffer: 256 * 1024 * 1024, stdio: ["ignore", "pipe", "ignore"] },
  );
  return [...marked.matchAll(/SCHILY\.xattr\.user\.ao=([^\n]*)\n/g)].map((match) => match[1] ?? "").sort();
}

/** A step that does not fit the state (a folder instead of a file) leaves it unchanged, which is a state too. */
export function takeStep(work: Work, step: string, n: number): void {
  try {
    STEPS[step]?.(work, n);
  } catch (error) {
    const { code, status } = error as { code?: string; status?: number };
    if (status === undefined && !/EISDIR|ENOTDIR|EEXIST|ENOENT/.test(code ?? "")) throw error;
  }
}

/** A checkout to work in, with the environment of its repository. */
export function workIn(path: string, { env, branch }: { env: NodeJS.ProcessEnv; branch: string }): Work {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: path, env, encoding: "utf8", stdio: "pipe" });
  return {
    path,
    branch,
    git,
    attempt: (...args) => {
      try {
        git(...args);
      } catch {
        // It is meant to stop half-way, or does not fit the state. Either is a state to keep.
      }
    },
  };
}
