import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { repoAt } from "@agent-orchestrator/testkit/temp-repo";
import { expect, test } from "vitest";
import { checkoutAround, gitBinds } from "./git-mounts.ts";

/** The longest mount above a path decides. */
function access(binds: ReturnType<typeof gitBinds>, path: string): "read" | "write" | "none" {
  const above = binds.filter(({ target }) => path === target || path.startsWith(`${target}/`));
  const nearest = above.sort((a, b) => b.target.length - a.target.length)[0];
  return nearest === undefined ? "none" : nearest.readOnly ? "read" : "write";
}

function worktree(branch: string) {
  const repo = repoAt(join(tempDir("ao-git"), "app"), { "a.txt": "a\n" });
  const path = join(repo.path, "../tree");
  repo.git("worktree", "add", "-q", "-b", branch, path);
  const admin = execFileSync("git", ["rev-parse", "--absolute-git-dir"], {
    cwd: path,
    env: repo.env,
    encoding: "utf8",
  }).trim();
  return { git: join(repo.path, ".git"), path, admin, binds: gitBinds(path) };
}

test("a worktree may commit to its own branch, and change nothing that git takes orders from", () => {
  const { git, path, admin, binds } = worktree("feat/1");
  const of = (file: string) => access(binds, file);
  for (const file of [
    "config",
    "HEAD",
    "index",
    "hooks/pre-commit",
    "packed-refs",
    "refs/heads/main",
    "refs/remotes/x",
    "objects/info/alternates",
    "worktrees/other/HEAD",
  ])
    expect({ file, access: of(join(git, file)) }).toEqual({ file, access: "read" });
  for (const file of ["objects/ab/cd", "refs/heads/feat/1", "refs/heads/feat/1.lock", "logs/refs/heads/feat/1"])
    expect({ file, access: of(join(git, file)) }).toEqual({ file, access: "write" });
  for (const file of ["HEAD", "index", "COMMIT_EDITMSG", "logs/HEAD"]) expect(of(join(admin, file))).toBe("write");
  for (const file of ["commondir", "gitdir", "config.worktree"]) expect(of(join(admin, file))).toBe("read");
  expect(of(join(path, ".git"))).toBe("read");
  expect(readFileSync(join(admin, "config.worktree"), "utf8")).toBe("");
  expect(binds.every(({ source }) => existsSync(source))).toBe(true);
});

test("a branch without a folder shares that of the others", () => {
  const { git, binds } = worktree("topic");
  expect(access(binds, join(git, "refs/heads/topic"))).toBe("write");
});

test("a clone keeps its config and its hooks", () => {
  const repo = repoAt(join(tempDir("ao-git"), "app"), { "a.txt": "a\n" });
  const binds = gitBinds(repo.path);
  for (const file of ["config", "hooks/pre-commit", "objects/info/alternates"])
    expect(access(binds, join(repo.path, ".git", file))).toBe("read");
  expect(access(binds, join(repo.path, ".git/refs/heads/main"))).toBe("none");
  expect(checkoutAround(join(repo.path, "some/where"))).toBe(repo.path);
});
