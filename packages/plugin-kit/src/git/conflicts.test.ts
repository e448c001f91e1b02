import { readdirSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { repoAt } from "@agent-orchestrator/testkit/temp-repo";
import { expect, it } from "vitest";
import { findConflicts } from "./conflicts.ts";

const host = () => ({
  env: () => ({ PATH: process.env.PATH ?? "" }),
  scratch: join(tempDir("ao-scratch"), "s"),
  clock: systemClock,
});

/** `main` and `feat` have parted. On both sides, `shared.txt` says something else. */
function parted() {
  const repo = repoAt(join(tempDir("ao-conflicts"), "app"), { "shared.txt": "one\n", "other.txt": "one\n" });
  const commit = (branch: string, files: Record<string, string>, subject: string): string => {
    repo.git("checkout", "-q", branch);
    return repo.commit(subject, files);
  };
  repo.git("checkout", "-qb", "feat");
  const headSha = commit("feat", { "shared.txt": "feat\n" }, "Say feat");
  commit("main", { "other.txt": "two\n" }, "Change another");
  const baseSha = commit("main", { "shared.txt": "main\n" }, "Say main");
  return { repo, ends: { headSha, baseSha, branch: "feat", baseBranch: "main" } };
}

it("names the files, and the base's commits to them since the two parted, and leaves nothing behind", async () => {
  const { repo, ends } = parted();
  const objects = () => readdirSync(join(repo.path, ".git/objects"), { recursive: true }).length;
  const before = [objects(), repo.git("status", "--porcelain"), repo.git("for-each-ref")];
  expect(await findConflicts(host(), repo.path, ends)).toEqual({
    files: ["shared.txt"],
    fileCount: 1,
    commits: [`${ends.baseSha.slice(0, 7)} Say main`],
    commitCount: 2,
  });
  expect([objects(), repo.git("status", "--porcelain"), repo.git("for-each-ref")]).toEqual(before);
});

it("runs no merge driver that the repository's own config names", async () => {
  const { repo, ends } = parted();
  repo.git("config", "merge.evil.driver", `touch ${join(repo.path, "pwned")}`);
  repo.write(".git/info/attributes", "* merge=evil\n");
  expect((await findConflicts(host(), repo.path, ends)).fileCount).toBe(1);
  expect(readdirSync(repo.path)).not.toContain("pwned");
});

it("says how many files there are if they are too many to name", async () => {
  const names = Array.from({ length: 40 }, (_, at) => `f${at}.txt`);
  const { repo, ends } = parted();
  const on = (branch: string) => {
    repo.git("checkout", "-q", branch);
    return repo.commit("Add many", Object.fromEntries(names.map((name) => [name, `${branch}\n`])));
  };
  const [headSha, baseSha] = [on("feat"), on("main")];
  const found = await findConflicts(host(), repo.path, { ...ends, headSha, baseSha });
  expect([found.files.length, found.fileCount, found.commits.length]).toEqual([30, 41, 1]);
});

it("fetches a base that is not here yet, and says why if it can't", async () => {
  const { repo, ends } = parted();
  const clone = repoAt(join(tempDir("ao-conflicts"), "clone"));
  clone.git("remote", "add", "origin", repo.path);
  clone.git("fetch", "-q", "origin", "feat:feat");
  const found = await findConflicts(host(), clone.path, ends);
  expect(found.files).toEqual(["shared.txt"]);
  const gone = findConflicts(host(), clone.path, { ...ends, baseSha: `${"0".repeat(39)}1` });
  await expect(gone).rejects.toMatchObject({ code: "UNREACHABLE", message: /of main is not here/ });
});
