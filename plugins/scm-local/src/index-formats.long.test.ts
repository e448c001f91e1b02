import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import { expect, it } from "vitest";
import { type World, world } from "./fixtures/world.ts";

const FILES = { "a.txt": "a\n", "b.txt": "b\n", "lib/c.txt": "c\n", "lib/d.txt": "d\n" };

async function approved(w: World, branch: string, files: Record<string, string>): Promise<PRInfo> {
  w.commit(branch, files);
  const pr = await w.open(branch);
  await w.scm.submitReview(pr, { state: "approved", body: "" });
  return pr;
}

/** Formats in which git may have written the index of the user's checkout, each created by git itself. */
const FORMATS: Record<string, (w: World) => void> = {
  "a plain index": () => undefined,
  "a split index": (w) => w.repo.git("update-index", "--split-index"),
  "a split index by the repository's config": (w) => w.repo.git("config", "core.splitIndex", "true"),
  "a split index by the user's own config": (w) =>
    appendFileSync(join(w.repo.path, "..", ".gitconfig"), "[core]\n\tsplitIndex = true\n"),
  "an index of version 4": (w) => w.repo.git("update-index", "--index-version=4"),
  "an untracked cache": (w) => w.repo.git("update-index", "--force-untracked-cache"),
  "a sparse index": (w) => w.repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "lib"),
  "a sparse checkout": (w) => w.repo.git("sparse-checkout", "set", "--no-cone", "/*", "!/lib/d.txt"),
  "an index with many files' settings": (w) => w.repo.git("config", "feature.manyFiles", "true"),
  "a multi-pack index and a commit graph": (w) => {
    w.repo.git("repack", "-q", "-d");
    w.repo.git("multi-pack-index", "write");
    w.repo.git("commit-graph", "write", "--reachable");
  },
};

it.each(Object.keys(FORMATS))("keeps staged work, and git can still read the checkout: %s", async (format) => {
  const w = world({ files: FILES });
  const first = await approved(w, "feat/1", { "a.txt": "of the branch\n" });
  const second = await approved(w, "feat/2", { "lib/new.txt": "new\n" });
  FORMATS[format]?.(w);
  w.repo.write("lib/c.txt", "staged\n");
  w.repo.git("add", "lib/c.txt");
  w.repo.write("lib/c.txt", "edited after staging\n");
  for (const pr of [first, second]) await w.scm.mergePR(pr);

  // Checked with the user's git, after all private files are gone.
  expect(w.repo.git("status", "--porcelain")).toBe("MM lib/c.txt\n");
  expect(w.repo.git("show", ":lib/c.txt")).toBe("staged\n");
  expect(w.repo.git("ls-files", "--full-name").split("\n")).toContain("lib/new.txt");
  expect(w.repo.git("fsck", "--connectivity-only", "--no-dangling")).toBe("");
  expect(readFileSync(join(w.repo.path, "lib", "new.txt"), "utf8")).toBe("new\n");
  w.repo.git("commit", "-q", "-m", "mine");
  expect(w.repo.git("show", "main:lib/c.txt")).toBe("staged\n");
});

it("changes nothing if git could not read the index that a merge would write", async () => {
  const w = world({ files: FILES });
  const pr = await approved(w, "feat/1", { "a.txt": "of the branch\n" });
  const wrapper = join(w.repo.path, "..", "bin");
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  execFileSync("mkdir", ["-p", wrapper]);
  // A git that writes an incomplete private index, as an unknown setting might make it.
  const lines = [
    "#!/bin/sh",
    `case "$*" in *" read-tree -m "*) ${real} "$@" && truncate -s 20 "$GIT_INDEX_FILE" ;;`,
    `*) exec ${real} "$@" ;; esac`,
  ];
  writeFileSync(join(wrapper, "git"), `${lines.join("\n")}\n`, { mode: 0o755 });
  const broken = w.again();
  const env = broken.context.env();
  Object.assign(broken.context, { env: () => ({ ...env, PATH: `${wrapper}:${env.PATH}` }) });
  const before = readFileSync(join(w.repo.path, ".git", "index"));
  const tip = w.repo.git("rev-parse", "main");
  await expect(broken.scm.mergePR(pr)).rejects.toMatchObject({
    code: "REFUSED",
    message: expect.stringContaining("index"),
  });
  expect(w.repo.git("rev-parse", "main")).toBe(tip);
  expect(readFileSync(join(w.repo.path, ".git", "index")).equals(before)).toBe(true);
  expect(existsSync(join(w.repo.path, ".git", "index.lock"))).toBe(false);
  await w.scm.mergePR(pr);
});
