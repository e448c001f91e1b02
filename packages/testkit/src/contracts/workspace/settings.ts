import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hostileGit } from "../../hostile-git.ts";
import { tempDir } from "../../temp-dir.ts";
import { repoAt } from "../../temp-repo.ts";
import { bench, type WorkspaceContract } from "./bench.ts";

const LINES = Array.from({ length: 40 }, (_, at) => `line ${at}`).join("\n");
const FILES = {
  "a.txt": `${LINES}\n`,
  "b/ünï code.txt": "one\n\ntwo\n",
  "moved.txt": `${LINES}\nmoved\n`,
  "gone.txt": "gone\n",
};
const BINARY = Buffer.from([0, 1, 2, 255, 254, 10, 0]);
const LATIN1 = Buffer.from("caf\xe9\n", "latin1");

/** Everything that is read from git's output during a session, as one value. */
async function journey(contract: WorkspaceContract, env: Record<string, string>) {
  const repo = repoAt(join(tempDir("ao-repo"), "repo"), FILES);
  const place = bench(contract, { repo, env });
  const { workspace, config, project, home } = place;
  const info = await workspace.create(config({ branch: "feat/42" }));
  const at = (name: string) => join(info.path, name);
  writeFileSync(at("a.txt"), `${LINES.replace("line 3\n", "line three\n").replace("line 30", "line thirty")}\n`);
  renameSync(at("moved.txt"), at("b/moved-here.txt"));
  execFileSync("rm", [at("gone.txt")]);
  place.gitIn(info.path, "add", "-A");
  place.gitIn(info.path, "commit", "-qm", "work");
  writeFileSync(at("b/ünï code.txt"), "one\n\nthree\n");
  writeFileSync(at("binary"), BINARY);
  writeFileSync(at("latin1"), LATIN1);
  mkdirSync(at("new"));
  writeFileSync(at("new/untracked.txt"), "new\n");
  place.gitIn(info.path, "add", "b");
  const base = { baseSha: info.baseSha ?? "", baseBranch: "main" };
  const diff = (more: object) => workspace.getDiff(info.path, project, { ...base, encoding: "latin1", ...more });
  const patch = await diff({ hasBinaries: true });
  const told = {
    state: { ...(await workspace.inspect(info.path, project, base)), headSha: null },
    patch,
    staged: await diff({ isStaged: true }),
    one: await diff({ paths: ["a.txt"] }),
    stat: await diff({ statColumns: 60 }),
    free: await workspace.freeBranch("feat/42", project),
  };
  const preserved = join(home, "kept");
  await workspace.preserve(info.path, project, { into: preserved });
  await workspace.destroy(info.path);
  const back = await workspace.restore({ ...config({ branch: "feat/42" }), preserved }, info.path);
  const files = ["a.txt", "b/ünï code.txt", "b/moved-here.txt", "binary", "latin1", "new/untracked.txt"];
  return {
    ...told,
    restored: files.map((name) => readFileSync(join(back.path, name), "latin1")),
    after: { ...(await workspace.inspect(info.path, project, base)), headSha: null },
  };
}

export function settingsTests(contract: WorkspaceContract): void {
  describe("the user's git settings", () => {
    test("do not affect what is read from git, reported or kept", async () => {
      const [plain, hostile] = await Promise.all([journey(contract, {}), journey(contract, hostileGit())]);
      expect(hostile).toEqual(plain);
      expect(plain.state).toMatchObject({ branch: "feat/42", commitsAhead: 1, changedFiles: 4 });
      expect(plain.restored).toEqual(
        [
          `${LINES.replace("line 3\n", "line three\n").replace("line 30", "line thirty")}\n`,
          "one\n\nthree\n",
          `${LINES}\nmoved\n`,
          BINARY,
          LATIN1,
          "new\n",
        ].map((content) => Buffer.from(content as string).toString("latin1")),
      );
    }, 90_000);

    test("do not break a patch, and still apply to what is shown to the user", async () => {
      const repo = repoAt(join(tempDir("ao-repo"), "repo"), FILES);
      const { workspace, config, project } = bench(contract, { repo, env: hostileGit() });
      const info = await workspace.create(config());
      writeFileSync(join(info.path, "a.txt"), `${LINES.replace("line 3\n", "line three\n")}\n`);
      writeFileSync(join(info.path, "binary"), BINARY);
      writeFileSync(join(info.path, "latin1"), LATIN1);
      const options = { baseSha: info.baseSha ?? "", encoding: "latin1" as const };
      const patch = await workspace.getDiff(info.path, project, { ...options, hasBinaries: true });
      const elsewhere = { cwd: repo.path, env: { ...repo.env, ...hostileGit() }, input: Buffer.from(patch, "latin1") };
      execFileSync("git", ["apply", "--index"], elsewhere);
      for (const name of ["a.txt", "binary", "latin1"]) {
        expect(readFileSync(join(repo.path, name)).equals(readFileSync(join(info.path, name))), name).toBe(true);
      }
      const shown = await workspace.getDiff(info.path, project, { ...options, isForDisplay: true, paths: ["a.txt"] });
      expect(shown).toMatch(/^diff --git (old\/)?a\.txt (new\/)?a\.txt$/m);
      expect(shown).not.toContain(" line 5");
    });
  });
}
