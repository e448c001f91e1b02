import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TempRepo, tempRepo } from "@agent-orchestrator/testkit/temp-repo";
import { expect, test } from "vitest";
import { newCommits } from "./new-commits.ts";

let count = 0;
const git = (repo: TempRepo, ...args: string[]) =>
  execFileSync("git", args, { cwd: repo.path, env: repo.env, encoding: "utf8", stdio: "pipe" }).trim();
const head = (repo: TempRepo) => git(repo, "rev-parse", "HEAD");
const commit = (repo: TempRepo, ...more: string[]) => {
  count += 1;
  writeFileSync(join(repo.path, "work.txt"), `${count}\n`);
  git(repo, "add", "-A");
  git(repo, "commit", "--quiet", "-m", `step ${count}\n\nwith a body`, ...more);
};
const added = (repo: TempRepo, from: string) => newCommits(join(repo.path, ".git"), { from, to: head(repo) });

test("plain commits in a row are counted from HEAD's log", async () => {
  const repo = tempRepo({ "README.md": "# app\n" });
  const from = head(repo);
  expect(await added(repo, from)).toBe(0);
  for (const soFar of [1, 2, 3]) {
    commit(repo);
    expect(await added(repo, from)).toBe(soFar);
  }
  expect(String(await added(repo, from))).toBe(git(repo, "rev-list", "--count", `${from}..HEAD`));
});

test.each<[string, (repo: TempRepo, from: string) => void]>([
  ["an amended commit", (repo) => commit(repo, "--amend")],
  ["a reset", (repo) => git(repo, "reset", "--quiet", "--hard", "HEAD~1")],
  ["another branch", (repo) => git(repo, "switch", "--quiet", "-c", "other")],
  [
    "a merge",
    (repo, from) => {
      git(repo, "switch", "--quiet", "-c", "side", from);
      writeFileSync(join(repo.path, "side.txt"), "side\n");
      git(repo, "add", "-A");
      git(repo, "commit", "--quiet", "-m", "side");
      git(repo, "switch", "--quiet", "-");
      git(repo, "merge", "--quiet", "--no-edit", "side");
    },
  ],
])("%s is left to git", async (_what, happen) => {
  const repo = tempRepo({ "README.md": "# app\n" });
  const from = head(repo);
  commit(repo);
  commit(repo);
  happen(repo, from);
  commit(repo);
  expect(await added(repo, from)).toBeNull();
});

test("a log that does not reach back that far, or is missing, is left to git", async () => {
  const repo = tempRepo({ "README.md": "# app\n" });
  commit(repo);
  const from = head(repo);
  commit(repo);
  expect(await added(repo, "0".repeat(40))).toBeNull();
  expect(await newCommits(join(repo.path, "nowhere"), { from, to: head(repo) })).toBeNull();
});
