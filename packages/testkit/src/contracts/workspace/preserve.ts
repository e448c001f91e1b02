import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Workspace } from "@agent-orchestrator/core/slots/workspace";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeTempDir, removeDir, tempDir } from "../../temp-dir.ts";
import { repoAt, type TempRepo } from "../../temp-repo.ts";
import { type Bench, bench, snapshot, type WorkspaceContract } from "./bench.ts";
import { STEPS, type Work } from "./states.ts";

const FILES = {
  "a.txt": "a\n",
  "b.txt": "b\n",
  "src/deep/c.txt": "c\n",
  "run.sh": "#!/bin/sh\n",
  "crlf.txt": "one\ntwo\n",
  ".gitattributes": "crlf.txt text eol=crlf\n",
  ".gitignore": "*.secret\nprivate/\nnode_modules/\n",
};

/** Everything by which a person or a program could tell two checkouts apart. */
function lookAt(bench: Bench, path: string): unknown {
  const git = (...args: string[]) => {
    try {
      return bench.gitIn(path, ...args);
    } catch (error) {
      return `failed: ${String((error as { status?: unknown }).status)}`;
    }
  };
  const inSubmodule = existsSync(join(path, "sub/.git"))
    ? git("-C", "sub", "status", "--porcelain=v2", "--branch")
    : "";
  const gitDir = git("rev-parse", "--absolute-git-dir").trim();
  return {
    status: git("status", "--porcelain=v2", "--branch", "--untracked-files=all"),
    index: git("ls-files", "--stage", "-t", "-v"),
    log: git("log", "--format=%H %s", "-20", "--root", "--raw"),
    inSubmodule,
    // HEAD, its log and operations in progress. The index contains different inodes, and a clone's packs have different names.
    gitFolder: Object.entries(snapshot(gitDir, ["index", "objects", "locked"])).filter(([name]) => !isVolatile(name)),
    files: Object.entries(snapshot(path, [".git", "node_modules"])),
  };
}

/** Submodules' own indexes, rewritten by `git status`, and the halves of a split index. */
const isVolatile = (name: string): boolean => /^modules\/.*index$|^sharedindex\.|^COMMIT_EDITMSG$/.test(name);

interface Round {
  bench: Bench;
  workspace: Required<Workspace>;
  home: string;
}

async function runRound({ bench: place, workspace, home }: Round, steps: string[], isHarsh: boolean): Promise<void> {
  const { config, project, repo } = place;
  const info = await workspace.create(config());
  const work: Work = {
    path: info.path,
    git: (...args) => execFileSync("git", args, { cwd: info.path, env: repo.env, encoding: "utf8", stdio: "pipe" }),
    attempt: (...args) => {
      try {
        work.git(...args);
      } catch {
        // It is meant to stop half-way, or does not fit the state. Either is a state to keep.
      }
    },
  };
  for (const [n, step] of steps.entries()) takeStep(work, step, n);
  const before = lookAt(place, info.path);
  const refs = repo.git("for-each-ref");
  const into = join(home, "preserved", "app-1");
  mkdirSync(join(home, "preserved"), { recursive: true });
  const kept = await workspace.preserve(info.path, project, { into });
  expect(repo.git("for-each-ref")).toBe(refs);
  await workspace.destroy(info.path, { preserved: kept.path });
  expect(existsSync(info.path)).toBe(false);
  if (isHarsh) forget(place);
  const again = config({ baseBranch: "main", preserved: kept.path } as object);
  await workspace.restore(again, info.path);
  expect(lookAt(place, info.path)).toEqual(before);
}

/** A step that does not fit the state (a folder instead of a file) leaves it unchanged, which is a state too. */
function takeStep(work: Work, step: string, n: number): void {
  try {
    STEPS[step]?.(work, n);
  } catch (error) {
    const { code, status } = error as { code?: string; status?: number };
    if (status === undefined && !/EISDIR|ENOTDIR|EEXIST|ENOENT/.test(code ?? "")) throw error;
  }
}

/** The user deletes the branches and lets git remove unreferenced objects. */
function forget({ repo }: Bench): void {
  const branches = repo.git("for-each-ref", "--format=%(refname)", "refs/heads").trim().split("\n");
  for (const ref of branches.filter((name) => name !== "refs/heads/main")) repo.git("update-ref", "-d", ref);
  repo.git("reflog", "expire", "--expire=now", "--all");
  repo.git("gc", "-q", "--prune=now");
}

/** In memory if the system has such a place. These rounds are about bytes, and syncing hundreds of them is slow. */
const quickDir = (): string => (existsSync("/dev/shm") ? mkdtempSync("/dev/shm/ao-kept-") : makeTempDir("ao-kept"));

function copyOf(repo: TempRepo, root: string): TempRepo {
  cpSync(join(repo.path, ".."), root, { recursive: true, verbatimSymlinks: true });
  const path = join(root, "repo");
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: path, env: repo.env, encoding: "utf8", stdio: "pipe" });
  return { ...repo, path, git };
}

export function preserveTests(contract: WorkspaceContract): void {
  const runs = Number(process.env.AO_STATES ?? contract.states);
  describe("preserve, destroy, restore", () => {
    test(`bring back ${runs} generated states exactly`, { timeout: 600_000 }, async () => {
      const sub = repoAt(join(tempDir(), "sub"), { "s.txt": "s\n" });
      const plain = repoAt(join(tempDir(), "repo"), FILES);
      const withSub = repoAt(join(tempDir(), "repo"), FILES);
      for (const { git } of [plain, withSub]) git("config", "--global", "protocol.file.allow", "always");
      withSub.git("submodule", "--quiet", "add", sub.path, "sub");
      withSub.commit("submodule");
      const names = Object.keys(STEPS);
      const state = fc.tuple(
        fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 7 }),
        fc.boolean(),
        fc.boolean(),
      );
      let done = 0;
      const property = fc.asyncProperty(state, async ([steps, isHarsh, hasSubmodule]) => {
        const root = quickDir();
        try {
          const repo = copyOf(hasSubmodule ? withSub : plain, root);
          const home = join(root, "home");
          mkdirSync(home);
          const place = bench(contract, { repo, home });
          await runRound({ bench: place, workspace: place.workspace, home }, steps, isHarsh);
          done += 1;
        } finally {
          execFileSync("chmod", ["-R", "u+rwx", root]);
          removeDir(root);
        }
      });
      const seed = process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) };
      await fc.assert(property, { numRuns: runs, endOnFailure: true, ...seed });
      console.log(`preserve → destroy → restore: ${done} of ${runs} states identical`);
      expect(done).toBe(runs);
    });

    test("keep nothing where git could show or push it, and no folder that can be recreated", async () => {
      const { workspace, config, project, repo, home } = bench(contract, { files: FILES });
      const info = await workspace.create(config());
      mkdirSync(join(info.path, "node_modules/x"), { recursive: true });
      writeFileSync(join(info.path, "node_modules/x/i.js"), "1");
      writeFileSync(join(info.path, "work.txt"), "w");
      const before = repo.git("log", "--all", "--oneline");
      const kept = await workspace.preserve(info.path, project, { into: join(home, "kept") });
      expect(repo.git("log", "--all", "--oneline")).toBe(before);
      // Git gave crlf.txt different line endings from the commit's, so its bytes are kept.
      expect(readdirSync(join(kept.path, "files"))).toEqual(["crlf.txt", "work.txt"]);
      expect(JSON.parse(readFileSync(join(kept.path, "manifest.json"), "utf8"))).toMatchObject({
        branch: "feat/42",
        skipped: ["node_modules"],
      });
    });

    test("start over after an interruption", async () => {
      const { workspace, config, project, home, gitIn } = bench(contract);
      const info = await workspace.create(config());
      writeFileSync(join(info.path, "work.txt"), "w");
      mkdirSync(join(home, "kept.half/files"), { recursive: true });
      writeFileSync(join(home, "kept.half/files/junk"), "j");
      await workspace.preserve(info.path, project, { into: join(home, "kept") });
      writeFileSync(join(info.path, "work.txt"), "newer");
      await workspace.preserve(info.path, project, { into: join(home, "kept") });
      await workspace.destroy(info.path);
      const again = { ...config(), preserved: join(home, "kept") };
      const back = await workspace.restore(again, info.path);
      expect(await workspace.restore(again, info.path)).toMatchObject({ path: back.path });
      expect(readFileSync(join(info.path, "work.txt"), "utf8")).toBe("newer");
      expect(gitIn(info.path, "status", "--porcelain")).toBe("?? work.txt\n");
    });

    test("refuse if there is no space, and leave everything unchanged", async (context) => {
      const { workspace, config, project, home, gitIn } = bench(contract);
      const disk = join(home, "disk");
      mkdirSync(disk);
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=80m", "tmpfs", disk], { stdio: "pipe" });
      } catch {
        context.skip("mounting a small disk is not allowed here");
      }
      try {
        const info = await workspace.create(config());
        writeFileSync(join(info.path, "large.bin"), Buffer.alloc(30 * 1024 * 1024, 7));
        const keep = workspace.preserve(info.path, project, { into: join(disk, "kept") });
        await expect(keep).rejects.toMatchObject({ code: "NO_SPACE" });
        expect(readdirSync(disk)).toEqual([]);
        expect(gitIn(info.path, "status", "--porcelain")).toBe("?? large.bin\n");
      } finally {
        execFileSync("umount", [disk]);
      }
    });

    test("run no filter, not even the user's", async () => {
      const { workspace, config, project, repo, home, gitIn } = bench(contract, {
        files: { "a.dat": "raw\n", ".gitattributes": "*.dat filter=up\n" },
      });
      repo.git("config", "--global", "filter.up.clean", `touch ${home}/ran; tr A-Z a-z`);
      repo.git("config", "--global", "filter.up.smudge", "tr a-z A-Z");
      const info = await workspace.create(config());
      expect(readFileSync(join(info.path, "a.dat"), "utf8")).toBe("RAW\n");
      gitIn(info.path, "status");
      rmSync(join(home, "ran"), { force: true });
      await workspace.preserve(info.path, project, { into: join(home, "kept") });
      await workspace.destroy(info.path);
      await workspace.restore({ ...config(), preserved: join(home, "kept") }, info.path);
      expect(existsSync(join(home, "ran"))).toBe(false);
      expect(readFileSync(join(info.path, "a.dat"), "utf8")).toBe("RAW\n");
      expect(gitIn(info.path, "status", "--porcelain")).toBe("");
    });

    test("refuse to restore onto a branch that has new commits", async () => {
      const { workspace, config, project, repo, home } = bench(contract);
      const info = await workspace.create(config());
      await workspace.preserve(info.path, project, { into: join(home, "kept") });
      await workspace.destroy(info.path);
      repo.git("switch", "-q", "feat/42");
      const inUse = workspace.restore({ ...config(), preserved: join(home, "kept") }, info.path);
      if (contract.lacks.sharedRefs !== undefined) return void (await inUse);
      await expect(inUse).rejects.toMatchObject({ code: "REFUSED" });
      repo.commit("further");
      repo.git("switch", "-q", "main");
      const moved = workspace.restore({ ...config(), preserved: join(home, "kept") }, info.path);
      await expect(moved).rejects.toThrow("has moved from");
      expect(existsSync(info.path)).toBe(false);
    });

    test("restore a lost checkout from its branch", async () => {
      const { workspace, config, gitIn } = bench(contract);
      const info = await workspace.create(config());
      const sha = gitIn(info.path, "rev-parse", "HEAD").trim();
      await workspace.destroy(info.path);
      await workspace.restore(config(), info.path);
      expect(gitIn(info.path, "rev-parse", "HEAD").trim()).toBe(sha);
      rmSync(info.path, { recursive: true });
      await workspace.restore(config(), info.path);
      expect(gitIn(info.path, "rev-parse", "HEAD").trim(), "after a removal by hand").toBe(sha);
    });
  });
}
