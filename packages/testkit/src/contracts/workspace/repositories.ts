import { existsSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { REPOSITORY_KINDS, repositoryOfKind } from "../../repository-kinds.ts";
import { tempDir } from "../../temp-dir.ts";
import { repoAt } from "../../temp-repo.ts";
import { bench, type WorkspaceContract } from "./bench.ts";

/** The user's global settings that change how git stores an index, a worktree or its objects. */
const SETTINGS = [
  "core.splitIndex=true",
  "core.untrackedCache=true",
  "index.version=4",
  "index.sparse=true",
  "feature.manyFiles=true",
  "worktree.useRelativePaths=true",
  "fetch.writeCommitGraph=true",
  "core.sharedRepository=group",
];

/** Repositories as people have them. Checkouts of them work with plain git. */
export function repositoryTests(contract: WorkspaceContract): void {
  describe("repositories and settings as people have them", () => {
    test.each(SETTINGS)(
      "a checkout works with plain git, even after it was kept and restored, with a global %s",
      async (setting) => {
        const dir = tempDir("ao-settings");
        const repo = repoAt(join(dir, "repo"), { "a.txt": "a\n", "lib/b.txt": "b\n" });
        const [key = "", value = ""] = setting.split("=");
        repo.git("config", "--global", key, value);
        const { workspace, config, gitIn, project, home } = bench(contract, { repo });
        const info = await workspace.create(config());
        expect(gitIn(info.path, "status", "--porcelain")).toBe("");
        writeFileSync(join(info.path, "a.txt"), "staged\n");
        gitIn(info.path, "add", "a.txt");
        writeFileSync(join(info.path, "lib/b.txt"), "edited\n");
        expect(await workspace.inspect(info.path, project)).toMatchObject({ changedFiles: 2, commitsAhead: 0 });
        expect(await workspace.getDiff(info.path, project)).toContain("+edited");
        const kept = await workspace.preserve(info.path, project, { into: join(home, "kept") });
        await workspace.destroy(info.path);
        await workspace.restore({ ...config(), preserved: kept.path }, info.path);
        expect(gitIn(info.path, "status", "--porcelain")).toBe("M  a.txt\n M lib/b.txt\n");
        gitIn(info.path, "commit", "-q", "-am", "work");
        expect(gitIn(info.path, "show", "HEAD:a.txt")).toBe("staged\n");
      },
    );

    test.each(REPOSITORY_KINDS)("%s: a checkout is created, inspected, kept, removed and restored", async (kind) => {
      const { repo, has, hasNot } = repositoryOfKind(kind);
      const { workspace, config, gitIn, project, home } = bench(contract, { repo });
      const info = await workspace.create(config());
      expect(info.notes ?? []).toEqual([]);
      const top = () => gitIn(info.path, "rev-parse", "--show-toplevel").trim();
      expect(top()).toBe(realpathSync(info.path));
      const files = (names: string[]) => names.filter((file) => existsSync(join(info.path, file)));
      expect(files(has)).toEqual(has);
      expect(files(hasNot)).toEqual([]);
      expect(gitIn(info.path, "status", "--porcelain")).toBe("");
      writeFileSync(join(info.path, "a.txt"), "of the session\n");
      gitIn(info.path, "commit", "-q", "-am", "work");
      writeFileSync(join(info.path, "src/b.txt"), "not committed\n");
      writeFileSync(join(info.path, "new.txt"), "new\n");
      expect(await workspace.inspect(info.path, project, info)).toMatchObject({ commitsAhead: 1, changedFiles: 2 });
      const diff = await workspace.getDiff(info.path, project, info);
      for (const line of ["+of the session", "+not committed", "+new"]) expect(diff).toContain(line);
      const log = gitIn(info.path, "log", "--format=%s");
      const kept = await workspace.preserve(info.path, project, { into: join(home, "kept") });
      await workspace.destroy(info.path);
      await workspace.restore({ ...config(), preserved: kept.path }, info.path);
      expect(top()).toBe(realpathSync(info.path));
      expect(files(has)).toEqual(has);
      expect(files(hasNot)).toEqual([]);
      expect(gitIn(info.path, "status", "--porcelain")).toBe(" M src/b.txt\n?? new.txt\n");
      expect(gitIn(info.path, "log", "--format=%s")).toBe(log);
      expect(gitIn(info.path, "fsck", "--connectivity-only", "--no-dangling")).toBe("");
    });
  });
}
