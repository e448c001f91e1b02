import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tempDir } from "./temp-dir.ts";
import { gitEnv, repoAt, type TempRepo } from "./temp-repo.ts";

/** A project as people have it on their disk, and the remote it came from. */
export interface KindOfRepository {
  repo: TempRepo;
  far: TempRepo;
  /** Files that its checkouts have, and files that they don't have. */
  has: string[];
  hasNot: string[];
  /** Removes the remote, as without a network. The returned function restores it. */
  offline(): () => void;
}

interface Made {
  /** `git clone` options. To git the remote is a server, which may leave objects out. */
  clone?: string[];
  /** Lines of shell in the clone. */
  after?: string[];
  hasNot?: string[];
  /** Where the project is after that, if not in the clone. */
  at?: string;
  /** The remote has a submodule with a relative URL, in `lib`. */
  withSubmodule?: boolean;
}

const KINDS: Record<string, Made> = {
  "a whole clone": {},
  "a blobless clone": { clone: ["--filter=blob:none"] },
  "a treeless clone": { clone: ["--filter=tree:0"] },
  "a shallow clone": { clone: ["--depth=1"] },
  "a shallow and blobless clone": { clone: ["--depth=1", "--filter=blob:none"] },
  "a sparse checkout": { after: ["git sparse-checkout set --cone src"], hasNot: ["docs/d.txt"] },
  "a blobless clone with a sparse checkout": {
    clone: ["--filter=blob:none", "--sparse"],
    after: ["git sparse-checkout set --cone src"],
    hasNot: ["docs/d.txt"],
  },
  "a clone that borrows from another": { clone: ["--shared"] },
  "a clone with a submodule of a relative address": { withSubmodule: true, clone: ["--recurse-submodules"] },
  "a clone whose submodule was never checked out": { withSubmodule: true },
  "a shallow clone with a submodule": { withSubmodule: true, clone: ["--depth=1", "--recurse-submodules"] },
  "a clone whose git folder is elsewhere, and whose config names its working tree": {
    clone: ["--separate-git-dir=separate.git"],
    after: ['git config core.worktree "$PWD"', "git config extensions.worktreeConfig true"],
  },
  "a clone whose config names its working tree": { after: ['git config core.worktree "$PWD"'] },
  "a checkout of a submodule": {
    at: "super/sub",
    after: [
      "git init -q ../super",
      'git -C ../super submodule --quiet add "file://$PWD/../far" sub',
      "git -C ../super/sub config extensions.worktreeConfig true",
    ],
  },
  "a repository of its own, with a submodule": {
    withSubmodule: true,
    clone: ["--recurse-submodules"],
    after: ["git remote remove origin"],
  },
};

export const REPOSITORY_KINDS: readonly string[] = Object.keys(KINDS);

export const KIND_FILES = { "a.txt": "a\n", "src/b.txt": "b\n", "docs/d.txt": "d\n" };

export function repositoryOfKind(name: string): KindOfRepository {
  const made = KINDS[name];
  if (made === undefined) throw new Error(`no kind of repository is called "${name}"`);
  const { clone = [], after = [], hasNot = [], at = "repo", withSubmodule = false } = made;
  const root = tempDir("ao-kind");
  const env = gitEnv(root);
  const identity = "[user]\n\tname = Test\n\temail = test@example.invalid\n";
  writeFileSync(join(root, ".gitconfig"), `${identity}[protocol "file"]\n\tallow = always\n`);
  const far = repoAt(join(root, "far"), KIND_FILES);
  far.git("config", "uploadpack.allowFilter", "true");
  far.git("config", "uploadpack.allowAnySHA1InWant", "true");
  if (withSubmodule) {
    repoAt(join(root, "library"), { "l.txt": "of the library\n" });
    far.git("submodule", "--quiet", "add", "../library", "lib");
    far.commit("a library");
  }
  for (const version of ["second", "third"])
    far.commit(version, { "a.txt": `${version}\n`, "docs/d.txt": `${version}\n` });
  const path = join(root, "repo");
  const from = clone.includes("--shared") ? far.path : `file://${far.path}`;
  execFileSync("git", ["clone", "-q", ...clone, from, path], { cwd: root, env, stdio: "pipe" });
  for (const line of after) execFileSync("sh", ["-ec", line], { cwd: path, env, stdio: "pipe" });
  const has = [...Object.keys(KIND_FILES), ...(withSubmodule ? ["lib/l.txt"] : [])];
  return {
    repo: repoOver(join(root, at), env),
    far,
    has: has.filter((file) => !hasNot.includes(file)),
    hasNot,
    offline: () => {
      renameSync(far.path, `${far.path}-away`);
      return () => renameSync(`${far.path}-away`, far.path);
    },
  };
}

/** What the tests do to an existing repository. */
export function repoOver(path: string, env: Record<string, string>): TempRepo {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: path, env, encoding: "utf8", stdio: "pipe" });
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  };
  const commit = (message: string, files: Record<string, string> = {}) => {
    for (const [file, text] of Object.entries(files)) write(file, text);
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", message);
    return git("rev-parse", "HEAD").trim();
  };
  return { path, env, git, write, commit };
}
