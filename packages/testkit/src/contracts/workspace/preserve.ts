import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bench, type WorkspaceContract } from "./bench.ts";
import { STATE_FILES } from "./states.ts";

export function preserveTests(contract: WorkspaceContract): void {
  describe("preserve, destroy, restore", () => {
    test("keep nothing where git could show or push it, and no folder that can be recreated", async () => {
      const { workspace, config, project, repo, home } = bench(contract, { files: STATE_FILES });
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
