import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tempDir } from "../../temp-dir.ts";
import { repoAt } from "../../temp-repo.ts";
import { bench, snapshot, type WorkspaceContract } from "./bench.ts";

export function createTests(contract: WorkspaceContract): void {
  describe("create", () => {
    test("creates a branch and a checkout of the default branch", async () => {
      const { workspace, config, repo, gitIn } = bench(contract, { files: { "a.txt": "a\n", "src/b.txt": "b\n" } });
      const info = await workspace.create(config());
      expect(info).toMatchObject({ path: config().path, branch: "feat/42", sessionId: "app-1", baseBranch: "main" });
      expect(info.baseSha).toBe(repo.git("rev-parse", "main").trim());
      expect(info.baseNote).toBeUndefined();
      expect(readFileSync(join(info.path, "src/b.txt"), "utf8")).toBe("b\n");
      expect(gitIn(info.path, "status", "--porcelain=v2", "--branch")).toBe(
        `# branch.oid ${info.baseSha}\n# branch.head feat/42\n`,
      );
    });

    test("called again, returns the same and changes nothing", async () => {
      const { workspace, config } = bench(contract);
      const info = await workspace.create(config({ intentId: "i1" }));
      writeFileSync(join(info.path, "work.txt"), "mine");
      expect(await workspace.create(config({ intentId: "i1" }))).toEqual(info);
      expect(readFileSync(join(info.path, "work.txt"), "utf8")).toBe("mine");
    });

    test("creates many at once", async () => {
      const { workspace, config, repo } = bench(contract);
      const numbers = Array.from({ length: 12 }, (_, at) => at + 1);
      await Promise.all(numbers.map((n) => workspace.create(config({ sessionId: `app-${n}`, branch: `feat/${n}` }))));
      expect(repo.git("branch", "--list", "feat/*").split("\n").filter(Boolean)).toHaveLength(12);
      expect(await workspace.list("app")).toHaveLength(12);
    });

    test("leaves the user's own checkout unchanged, byte for byte", async () => {
      const { workspace, config, repo } = bench(contract, { files: { "a.txt": "a\n" } });
      repo.write("a.txt", "edited\n");
      repo.write("untracked.txt", "new\n");
      repo.git("add", "a.txt");
      const before = [
        snapshot(repo.path, [".git"]),
        snapshot(join(repo.path, ".git"), ["objects", "refs", "logs", "worktrees"]),
      ];
      const info = await workspace.create(config());
      await workspace.inspect(info.path, config().project);
      await workspace.destroy(info.path);
      const after = [
        snapshot(repo.path, [".git"]),
        snapshot(join(repo.path, ".git"), ["objects", "refs", "logs", "worktrees"]),
      ];
      expect(after).toEqual(before);
    });

    test("refuses a branch that is taken, and leaves nothing behind", async () => {
      const { workspace, config, repo } = bench(contract);
      repo.git("branch", "feat/42");
      const refs = repo.git("for-each-ref");
      await expect(workspace.create(config())).rejects.toMatchObject({ code: "REFUSED" });
      expect(existsSync(config().path)).toBe(false);
      expect(repo.git("for-each-ref")).toBe(refs);
      expect(repo.git("worktree", "list").trim().split("\n")).toHaveLength(1);
    });

    test("refuses a branch below one that exists, saying which", async () => {
      const { workspace, config, repo } = bench(contract);
      repo.git("branch", "feat");
      await expect(workspace.create(config())).rejects.toThrow("feat/42 cannot be made: feat exists");
    });

    test("refuses a path where something is", async () => {
      const { workspace, config, repo } = bench(contract);
      mkdirSync(config().path, { recursive: true });
      writeFileSync(join(config().path, "mine.txt"), "mine");
      await expect(workspace.create(config())).rejects.toMatchObject({ code: "REFUSED" });
      expect(readFileSync(join(config().path, "mine.txt"), "utf8")).toBe("mine");
      expect(repo.git("branch", "--list", "feat/42")).toBe("");
    });

    test.each(["-f", "a..b", "a b", "x.lock", "a/.b", "@{-1}", "a\nb", ""])("refuses %j as a name", async (branch) => {
      const { workspace, config } = bench(contract);
      await expect(workspace.create(config({ branch }))).rejects.toMatchObject({ code: "USAGE" });
    });

    test("takes an existing branch when told that it may", async () => {
      const { workspace, config, repo, gitIn } = bench(contract);
      repo.git("switch", "-qc", "old");
      const sha = repo.commit("old work", { "old.txt": "1\n" });
      repo.git("switch", "-q", "main");
      const info = await workspace.create(config({ branch: "old", useExistingBranch: true }));
      expect(gitIn(info.path, "rev-parse", "HEAD").trim()).toBe(sha);
      expect(gitIn(info.path, "symbolic-ref", "HEAD").trim()).toBe("refs/heads/old");
    });

    test("says what is wrong with a repository it cannot use", async () => {
      const empty = tempDir();
      execFileSync("git", ["init", "-q", "-b", "main", empty]);
      for (const path of [empty, tempDir()]) {
        const { workspace, config } = bench(contract, { project: { path, defaultBranch: null } });
        await expect(workspace.create(config())).rejects.toMatchObject({ code: "CONFIG" });
      }
      const { workspace, config } = bench(contract);
      await expect(workspace.create(config({ baseBranch: "nope" }))).rejects.toMatchObject({ code: "CONFIG" });
    });

    test("gives up when told to, and leaves nothing", async () => {
      const { workspace, config, repo } = bench(contract);
      const signal = AbortSignal.abort(new Error("enough"));
      await expect(workspace.create(config(), { signal })).rejects.toThrow();
      expect(existsSync(config().path)).toBe(false);
      expect(repo.git("branch", "--list", "feat/42")).toBe("");
    });

    test("finds the default branch by itself", async () => {
      const { workspace, config, repo } = bench(contract, { project: { defaultBranch: null } });
      repo.git("branch", "-m", "main", "master");
      repo.git("switch", "-qc", "some-work");
      expect((await workspace.create(config())).baseBranch).toBe("master");
    });

    test("works in a repository with a submodule, as far as the user's rules allow", async () => {
      const sub = repoAt(join(tempDir(), "sub"), { "s.txt": "s\n" });
      const { workspace, config, repo } = bench(contract);
      repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", sub.path, "lib/sub");
      repo.commit("with a submodule");
      const refused = await workspace.create(config());
      expect(refused.notes?.join()).toContain("submodules were left empty");
      repo.git("config", "--global", "protocol.file.allow", "always");
      const other = bench(contract, { repo });
      const info = await other.workspace.create(other.config({ branch: "feat/43" }));
      expect(info.notes).toEqual([]);
      expect(readFileSync(join(info.path, "lib/sub/s.txt"), "utf8")).toBe("s\n");
    });
  });

  describe("what a config adds to a checkout", () => {
    test("links shared files, and none that leaves the project", async () => {
      const outside = tempDir();
      const { workspace, config, repo } = bench(contract, {
        files: { ".gitignore": ".cache\n", "a.txt": "a", "kept/x.txt": "x" },
        project: { symlinks: [".cache", "../secret", "/etc/passwd", "evil", "evil/x", "nope", "a.txt", ".git/config"] },
      });
      mkdirSync(join(repo.path, ".cache"));
      symlinkSync(outside, join(repo.path, "evil"));
      writeFileSync(join(outside, "x"), "secret");
      const info = await workspace.create(config());
      expect(readlinkSync(join(info.path, ".cache"))).toBe(join(repo.path, ".cache"));
      expect(info.notes).toHaveLength(7);
      expect(existsSync(join(info.path, "evil"))).toBe(false);
      expect((await workspace.inspect(info.path, config().project)).changedFiles).toBe(0);
    });

    test("goes through no link of the checkout when it links or copies", async () => {
      const outside = tempDir();
      const { workspace, config, repo } = bench(contract, { project: { symlinks: ["d/cache"], copy: ["d/.env"] } });
      symlinkSync(outside, join(repo.path, "d"));
      repo.commit("a link that leads out");
      repo.git("rm", "-q", "--cached", "d");
      execFileSync("rm", [join(repo.path, "d")]);
      repo.write("d/cache", "shared");
      repo.write("d/.env", "secret");
      const info = await workspace.create(config());
      expect(info.notes).toHaveLength(2);
      expect(snapshot(outside)).toEqual({});
    });

    test("copies what matches, and what .worktreeinclude names if git ignores it", async () => {
      const { workspace, config, repo } = bench(contract, {
        files: { ".gitignore": "*.key\n.env*\nnode_modules\n", ".worktreeinclude": "*.key\nnotes.txt\n", "x.env": "t" },
        project: { copy: [".env*", "data/*.bin"] },
      });
      const extra = { ".env": "A=1", "sub/.env.local": "B=2", "my.key": "k", "notes.txt": "n", "data/x.bin": "\0" };
      for (const [file, text] of Object.entries({ ...extra, "node_modules/p/.env": "no" })) repo.write(file, text);
      chmodSync(join(repo.path, ".env"), 0o600);
      const info = await workspace.create(config());
      const seen = snapshot(info.path, [".git"]);
      for (const file of [".env", "sub/.env.local", "my.key", "data/x.bin"]) expect(seen).toHaveProperty([file]);
      expect(seen[".env"]).toMatch(/^600 /);
      expect(seen).not.toHaveProperty(["notes.txt"]);
      expect(seen).not.toHaveProperty(["node_modules/"]);
      expect(info.notes).toEqual([]);
    });

    test("checks out only the folders of `sparse`, and keeps the rest of the user's git as it is", async () => {
      const files = { "a/1.txt": "1", "b/2.txt": "2", "c/3.txt": "3", "top.txt": "t" };
      const { workspace, config, repo, gitIn } = bench(contract, { files, project: { sparse: ["a", "b"] } });
      const info = await workspace.create(config());
      expect(Object.keys(snapshot(info.path, [".git"])).sort()).toEqual(["a/", "a/1.txt", "b/", "b/2.txt", "top.txt"]);
      expect(gitIn(info.path, "status", "--porcelain")).toBe("");
      expect(repo.git("status", "--porcelain")).toBe("");
      expect(existsSync(join(repo.path, "c/3.txt"))).toBe(true);
    });

    test("refuses a `cwd` that the checkout does not have", async () => {
      for (const cwd of ["nope", "../..", "/tmp", "a.txt"]) {
        const { workspace, config, repo } = bench(contract, {
          files: { "a.txt": "a", "pkg/b.txt": "b" },
          project: { cwd },
        });
        await expect(workspace.create(config())).rejects.toMatchObject({ code: "CONFIG" });
        expect(repo.git("branch", "--list", "feat/42")).toBe("");
      }
      const fine = bench(contract, { files: { "pkg/b.txt": "b" }, project: { cwd: "pkg" } });
      expect(existsSync((await fine.workspace.create(fine.config())).path)).toBe(true);
    });

    test("says when commits are to be signed and that would ask for a passphrase", async () => {
      const { workspace, config, repo, home } = bench(contract);
      const key = join(home, "key");
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "secret words", "-f", key]);
      repo.git("config", "commit.gpgSign", "true");
      repo.git("config", "gpg.format", "ssh");
      repo.git("config", "user.signingKey", key);
      expect((await workspace.create(config())).notes?.join()).toContain("needs a terminal");
      execFileSync("ssh-keygen", ["-q", "-p", "-P", "secret words", "-N", "", "-f", key]);
      expect((await workspace.create(config({ sessionId: "app-2", branch: "feat/43" }))).notes).toEqual([]);
    });
  });
}
