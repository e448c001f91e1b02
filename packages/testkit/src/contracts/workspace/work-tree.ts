import { existsSync, readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryOfKind } from "../../repository-kinds.ts";
import { tempDir } from "../../temp-dir.ts";
import { type Bench, bench, type WorkspaceContract } from "./bench.ts";

/** What the user has not committed, in a repository whose config names its working tree. */
function edited(kind: string) {
  const place = repositoryOfKind(kind);
  place.repo.write("a.txt", "the user's edit\n");
  return place.repo;
}

/** Does what an agent may do at any time, and what would destroy edits in a working tree that is not its own. */
function resetHard({ gitIn, repo }: Bench, path: string): void {
  expect(gitIn(path, "rev-parse", "--show-toplevel").trim()).toBe(realpathSync(path));
  gitIn(path, "reset", "-q", "--hard");
  gitIn(path, "clean", "-q", "-fdx");
  expect(readFileSync(join(repo.path, "a.txt"), "utf8")).toBe("the user's edit\n");
  expect(repo.git("rev-parse", "--show-toplevel").trim()).toBe(realpathSync(repo.path));
}

/** Plain git in a checkout works on that checkout, whatever the repository's config says of the main working tree. */
export function workTreeTests(contract: WorkspaceContract): void {
  describe("git in a checkout never works on the user's files", () => {
    test.each([
      "a clone whose git folder is elsewhere, and whose config names its working tree",
      "a checkout of a submodule",
    ])("%s: not after a restore either, and the user's config stays as it is", async (kind) => {
      const place = bench(contract, { repo: edited(kind) });
      const { workspace, config, repo, project, home } = place;
      const before = repo.git("config", "--list", "--local");
      const info = await workspace.create(config());
      resetHard(place, info.path);
      const kept = await workspace.preserve(info.path, project, { into: join(home, "kept") });
      await workspace.destroy(info.path);
      await workspace.restore({ ...config(), preserved: kept.path }, info.path);
      resetHard(place, info.path);
      expect(repo.git("config", "--list", "--local")).toBe(before);
    });

    test("nor once `extensions.worktreeConfig` is switched on, by hand or by a sparse checkout", async () => {
      const place = bench(contract, { repo: edited("a clone whose config names its working tree") });
      const { workspace, config, repo, project } = place;
      const info = await workspace.create(config());
      repo.git("config", "extensions.worktreeConfig", "true");
      resetHard(place, info.path);
      const sparse = config({ sessionId: "app-2", branch: "feat/2", project: { ...project, sparse: ["src"] } });
      resetHard(place, (await workspace.create(sparse)).path);
    });

    test("nor after the checkout was moved", async () => {
      const place = bench(contract, {
        repo: edited("a clone whose git folder is elsewhere, and whose config names its working tree"),
      });
      const { workspace, config, project, home } = place;
      const info = await workspace.create(config());
      const moved = join(home, "worktrees", "moved");
      renameSync(info.path, moved);
      await workspace.reconnect(moved, project, { sessionId: "app-1" });
      resetHard(place, moved);
    });

    test("nor in restored work whose own settings lead to the user's files", async () => {
      const place = bench(contract, { repo: edited("a whole clone") });
      const { workspace, config, gitIn, repo, project, home } = place;
      const info = await workspace.create(config());
      gitIn(info.path, "config", "extensions.worktreeConfig", "true");
      gitIn(info.path, "config", "--worktree", "core.worktree", repo.path);
      const kept = await workspace.preserve(info.path, project, { into: join(home, "kept") });
      await workspace.destroy(info.path);
      await workspace.restore({ ...config(), preserved: kept.path }, info.path);
      resetHard(place, info.path);
    });

    test("a checkout where that cannot be ensured is refused, and nothing of it stays", async () => {
      const bin = tempDir("ao-bin");
      const repo = edited("a whole clone");
      const path = repo.env.PATH ?? "";
      // A stand-in for a git with settings that ao does not know.
      const lines = ["#!/bin/sh", `case "$*" in *--show-toplevel*) echo ${repo.path}; exit;; esac`];
      writeFileSync(join(bin, "git"), [...lines, `PATH=${path} exec git "$@"`, ""].join("\n"), { mode: 0o755 });
      const { workspace, config } = bench(contract, { repo, env: { PATH: `${bin}:${path}` } });
      const wanted = config();
      await expect(workspace.create(wanted)).rejects.toMatchObject({
        code: "REFUSED",
        message: expect.stringContaining(`would not work on its own files: it works on ${repo.path}`),
        hint: expect.stringContaining("core.worktree"),
      });
      expect(existsSync(wanted.path)).toBe(false);
      expect(repo.git("branch", "--list", "feat/42")).toBe("");
      expect(repo.git("worktree", "list").trim().split("\n")).toHaveLength(1);
    });
  });
}
