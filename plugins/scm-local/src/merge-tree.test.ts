import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { repoAt, type TempRepo } from "@agent-orchestrator/testkit/temp-repo";
import { expect, it } from "vitest";
import { world, worldAt } from "./fixtures/world.ts";
import { mergeInScratch, mergeTree } from "./merge-tree.ts";

const LINES = Array.from({ length: 20 }, (_, index) => `line ${index}`).join("\n");

it("gives the same trees and conflicts with a git that cannot merge without a checkout", async () => {
  const w = world({ files: { "a.txt": LINES, "b.txt": LINES, "old name.txt": LINES } });
  const clean = w.commit("clean", {
    "a.txt": LINES.replace("line 3", "LINE 3"),
    "old name.txt": null,
    "new name.txt": LINES,
  });
  const hostile = w.commit("hostile", { "b.txt": "theirs\n", "-rf": "x", "sub/ü.txt": "x" });
  w.repo.commit("main moves", {
    "a.txt": LINES.replace("line 17", "LINE 17"),
    "b.txt": "ours\n",
    "old name.txt": `${LINES}\nmore`,
  });
  const ours = w.repo.git("rev-parse", "main").trim();
  const repository = await w.desk.repository();
  for (const theirs of [clean, hostile]) {
    const expected = await mergeTree(repository, { ours, theirs });
    expect(await mergeInScratch(repository, { ours, theirs })).toEqual(expected);
  }
  expect(await mergeTree(repository, { ours, theirs: hostile })).toEqual({ tree: null, conflicts: ["b.txt"] });
  expect((await mergeTree(repository, { ours, theirs: clean })).tree).toMatch(/^[0-9a-f]{40}$/);
  expect(readdirSync(repository.host.scratch)).toEqual([]);
});

it("reports unrelated histories as a conflict", async () => {
  const w = world();
  w.repo.git("switch", "-q", "--orphan", "alien");
  const theirs = w.repo.commit("alien", { "z.txt": "z" });
  const repository = await w.desk.repository();
  const ours = w.repo.git("rev-parse", "main").trim();
  const expected = { tree: null, conflicts: ["(unrelated histories)"] };
  expect(await mergeTree(repository, { ours, theirs })).toEqual(expected);
  expect(await mergeInScratch(repository, { ours, theirs })).toEqual(expected);
});

it.each([
  [
    "a shallow clone",
    (root: string): TempRepo => {
      const origin = repoAt(join(root, "origin"), { "a.txt": "a" });
      origin.commit("second", { "b.txt": "b" });
      origin.commit("third", { "c.txt": "c" });
      origin.git("clone", "-q", "--depth", "1", `file://${origin.path}`, join(root, "repo"));
      return viewOf(origin, join(root, "repo"));
    },
  ],
  [
    "a repository with SHA-256",
    (root: string): TempRepo => {
      const seed = repoAt(join(root, "seed"));
      seed.git("init", "-q", "-b", "main", "--object-format=sha256", join(root, "repo"));
      const repo = viewOf(seed, join(root, "repo"));
      repo.commit("first", { "a.txt": "a" });
      return repo;
    },
  ],
  [
    "a linked worktree with packed refs",
    (root: string): TempRepo => {
      const main = repoAt(join(root, "main"));
      main.git("switch", "-q", "-c", "other");
      main.git("worktree", "add", "-q", join(root, "repo"), "main");
      main.git("pack-refs", "--all");
      return viewOf(main, join(root, "repo"));
    },
  ],
])("opens, checks and merges in %s", async (_, make) => {
  const root = tempDir("ao-scm");
  const repo = make(root);
  const w = worldAt({
    root,
    repo,
    setUp: { options: { requiredReviews: 0, ci: [{ name: "t", run: "test -f x.txt" }] } },
  });
  w.commit("feat/1", { "x.txt": "x" });
  const pr = await w.open("feat/1");
  await w.watch();
  await expect.poll(() => w.scm.getCISummary(pr), { timeout: 15_000 }).toBe("passing");
  await w.scm.mergePR(pr);
  expect(existsSync(join(repo.path, "x.txt"))).toBe(true);
  expect(repo.git("status", "--porcelain")).toBe("");
});

/** The same functions for another checkout. */
function viewOf({ git, env }: TempRepo, path: string): TempRepo {
  const there = (...args: string[]) => git("-C", path, ...args);
  const write: TempRepo["write"] = (file, text) => writeAt(path, file, text);
  const commit: TempRepo["commit"] = (message, files = {}) => {
    for (const [file, text] of Object.entries(files)) write(file, text);
    there("add", "-A");
    there("commit", "-q", "-m", message);
    return there("rev-parse", "HEAD").trim();
  };
  return { path, env, git: there, write, commit };
}

function writeAt(path: string, file: string, text: string): void {
  mkdirSync(dirname(join(path, file)), { recursive: true });
  writeFileSync(join(path, file), text);
}
