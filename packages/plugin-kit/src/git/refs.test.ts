import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { tempRepo } from "@agent-orchestrator/testkit/temp-repo";
import { expect, test } from "vitest";
import { checkBranchName, readHead, readRef, refInTheWay, trackedRemotes } from "./refs.ts";
import { findWorktree, openRepository } from "./repository.ts";

test("reads loose, packed and symbolic refs as git does, without a process", async () => {
  const repo = tempRepo();
  const first = repo.git("rev-parse", "HEAD").trim();
  repo.git("branch", "old");
  repo.git("pack-refs", "--all");
  const second = repo.commit("second");
  repo.git("symbolic-ref", "refs/heads/alias", "refs/heads/main");
  const found = await openRepository(repo.path);
  expect(await readRef(found, "refs/heads/old")).toBe(first);
  expect(await readRef(found, "refs/heads/main")).toBe(second);
  expect(await readRef(found, "refs/heads/alias")).toBe(second);
  expect(await readRef(found, "refs/heads/ol")).toBe(null);
  expect(await readHead(found, found.gitDir)).toEqual({ branch: "main", sha: second });
});

test("finds a worktree by the repository's own records", async () => {
  const repo = tempRepo();
  const path = join(tempDir(), "w");
  repo.git("worktree", "add", "-q", "-b", "feat/1", path);
  const found = await openRepository(repo.path);
  writeFileSync(join(path, ".git"), "gitdir: /elsewhere\n");
  const worktree = await findWorktree(found, path);
  expect(worktree?.path).toBe(path);
  expect((await readHead(found, worktree?.gitDir ?? "")).branch).toBe("feat/1");
});

test("opens a repository from a linked worktree of it, and a bare one", async () => {
  const repo = tempRepo();
  const dir = tempDir();
  repo.git("worktree", "add", "-q", join(dir, "w"));
  repo.git("clone", "-q", "--bare", repo.path, join(dir, "bare.git"));
  const main = await openRepository(repo.path);
  expect((await openRepository(join(dir, "w"))).commonDir).toBe(main.commonDir);
  expect(await openRepository(join(dir, "bare.git"))).toMatchObject({
    isGitFolder: true,
    commonDir: join(dir, "bare.git"),
  });
});

test("names the repository when a folder inside one is given", async () => {
  const repo = tempRepo({ "pkg/a.txt": "a" });
  await expect(openRepository(join(repo.path, "pkg"))).rejects.toMatchObject({
    code: "CONFIG",
    hint: expect.stringContaining(repo.path),
  });
});

test("tells what stops a new ref: itself, a parent or a child", async () => {
  const repo = tempRepo();
  repo.git("branch", "a/b");
  const found = await openRepository(repo.path);
  for (const state of ["loose", "packed"]) {
    if (state === "packed") repo.git("pack-refs", "--all");
    expect(await refInTheWay(found, "refs/heads/a/b")).toBe("refs/heads/a/b");
    expect(await refInTheWay(found, "refs/heads/a/b/c")).toBe("refs/heads/a/b");
    expect(await refInTheWay(found, "refs/heads/a")).toContain("refs/heads/a/");
    expect(await refInTheWay(found, "refs/heads/a/c")).toBe(null);
  }
  expect(await trackedRemotes(found)).toEqual([]);
});

test("is not held up by a pipe, nor led away by a link, in the place of a ref", async () => {
  const repo = tempRepo();
  const found = await openRepository(repo.path);
  execFileSync("mkfifo", [join(found.commonDir, "refs/heads/pipe")]);
  symlinkSync("/dev/zero", join(found.commonDir, "refs/heads/zero"));
  expect(await readRef(found, "refs/heads/pipe")).toBe(null);
  expect(await readRef(found, "refs/heads/zero")).toBe(null);
});

test("agrees with git about branch names", () => {
  const repo = tempRepo();
  const names = ["a", "feat/42", "ä/ö", "a.b", "a@b", "-a", "a-", "a.lock", "a.lock/b", ".a", "a/.b", "a..b", "a b"];
  const more = [
    "a~1",
    "a^",
    "a:b",
    "a?b",
    "a*b",
    "a[b",
    "a\\b",
    "a//b",
    "/a",
    "a/",
    "a.",
    "@{a",
    "a@{b",
    "HEAD",
    "#(x)",
  ];
  for (const name of [...names, ...more]) {
    const isFine = (() => {
      try {
        repo.git("check-ref-format", "--branch", name);
        return true;
      } catch {
        return false;
      }
    })();
    const isOurs = (() => {
      try {
        checkBranchName(name);
        return true;
      } catch {
        return false;
      }
    })();
    expect([name, isOurs]).toEqual([name, isFine]);
  }
});
