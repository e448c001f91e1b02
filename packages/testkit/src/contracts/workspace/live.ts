import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tempDir } from "../../temp-dir.ts";
import { waitFor } from "../../wait-for.ts";
import { bench, snapshot, type WorkspaceContract } from "./bench.ts";

const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

export function liveTests(contract: WorkspaceContract): void {
  describe("postCreate", () => {
    const options = (home: string) => ({
      environment: { PATH: process.env.PATH ?? "", AO_PORT: "4100" },
      logFile: join(home, "logs", "post-create.log"),
    });

    test("runs the project's commands in the checkout, with the session's environment", async () => {
      const { workspace, config, project, home } = bench(contract, {
        project: { postCreate: ["echo $AO_PORT > port.txt", "cp port.txt copy.txt"] },
      });
      const info = await workspace.create(config());
      await workspace.postCreate(info, project, options(home));
      expect(readFileSync(join(info.path, "copy.txt"), "utf8")).toBe("4100\n");
    });

    test("fails with the end of the log, and runs nothing after the failure", async () => {
      const { workspace, config, project, home } = bench(contract, {
        project: { postCreate: ["echo one; echo 'no such package' >&2; exit 3", "touch never"] },
      });
      const info = await workspace.create(config());
      const error = await workspace.postCreate(info, project, options(home)).then(
        () => null,
        (thrown) => thrown,
      );
      expect(error).toMatchObject({ code: "FAILED" });
      expect(error.message).toMatch(/failed \(exit 3\)[\s\S]*no such package/);
      expect(readFileSync(options(home).logFile, "utf8")).toContain("one\n");
      expect(existsSync(join(info.path, "never"))).toBe(false);
    });

    test("ends everything that a command started when its time is up", async () => {
      const { workspace, config, project, home } = bench(contract, {
        project: { postCreate: ["sleep 60 & echo $! > child.pid; trap '' TERM; sleep 60"], postCreateTimeoutMs: 700 },
      });
      const info = await workspace.create(config());
      const run = workspace.postCreate(info, project, options(home));
      await expect(run).rejects.toThrow("did not end within 1 s");
      const pid = Number(readFileSync(join(info.path, "child.pid"), "utf8"));
      await waitFor(() => !isAlive(pid), { what: "the command's child to end" });
    });

    test("is not delayed by what a command left running", async () => {
      const { workspace, config, project, home } = bench(contract, {
        project: { postCreate: ["sleep 30 & echo $! > child.pid"] },
      });
      const info = await workspace.create(config());
      await workspace.postCreate(info, project, options(home));
      process.kill(Number(readFileSync(join(info.path, "child.pid"), "utf8")));
    });
  });

  describe("inspect and getDiff", () => {
    test("count commits and files of every kind", async () => {
      const { workspace, config, project, gitIn, repo } = bench(contract, {
        files: { "a.txt": "a\n", "b.txt": "b\n" },
      });
      const info = await workspace.create(config());
      const base = { baseSha: info.baseSha ?? "" };
      expect(await workspace.inspect(info.path, project, base)).toMatchObject({
        branch: "feat/42",
        headSha: info.baseSha,
        commitsAhead: 0,
        changedFiles: 0,
        unpushedCommits: 0,
        operation: null,
      });
      gitIn(info.path, "commit", "-q", "--allow-empty", "-m", "one");
      writeFileSync(join(info.path, "a.txt"), "A\n");
      writeFileSync(join(info.path, "new.txt"), "n\n");
      writeFileSync(join(info.path, "b.txt"), "B\n");
      gitIn(info.path, "add", "b.txt");
      const state = await workspace.inspect(info.path, project, base);
      expect(state).toMatchObject({ commitsAhead: 1, changedFiles: 3, unpushedCommits: 1 });
      repo.commit("main goes on");
      expect(await workspace.inspect(info.path, project)).toMatchObject({ commitsAhead: 1 });
    });

    test("report an operation in progress", async () => {
      const { workspace, config, project, gitIn } = bench(contract, { files: { "a.txt": "a\n" } });
      const info = await workspace.create(config());
      const edit = (text: string, ...then: string[]) => {
        writeFileSync(join(info.path, "a.txt"), text);
        gitIn(info.path, "commit", "-qam", "edit");
        if (then.length > 0) gitIn(info.path, ...then);
      };
      gitIn(info.path, "branch", "other");
      edit("mine\n", "switch", "-q", "other");
      edit("theirs\n", "switch", "-q", "feat/42");
      expect(() => gitIn(info.path, "merge", "other")).toThrow();
      expect((await workspace.inspect(info.path, project)).operation).toBe("merge");
      gitIn(info.path, "merge", "--abort");
      expect(() => gitIn(info.path, "rebase", "other")).toThrow();
      const state = await workspace.inspect(info.path, project);
      expect(state).toMatchObject({ operation: "rebase", branch: null });
    });

    test("show commits, edits and new files in one patch, and change nothing", async () => {
      const { workspace, config, project, gitIn } = bench(contract, { files: { "a.txt": "a\n", "b.txt": "b\n" } });
      const info = await workspace.create(config());
      writeFileSync(join(info.path, "a.txt"), "committed\n");
      gitIn(info.path, "commit", "-qam", "edit");
      writeFileSync(join(info.path, "b.txt"), "edited\n");
      writeFileSync(join(info.path, "-new file.txt"), "untracked\n");
      const before = gitIn(info.path, "status", "--porcelain=v2");
      const diff = await workspace.getDiff(info.path, project, { baseSha: info.baseSha ?? "" });
      for (const line of ["+committed", "+edited", "+untracked", "-a", "-b"]) expect(diff).toContain(`\n${line}\n`);
      expect(gitIn(info.path, "status", "--porcelain=v2")).toBe(before);
    });
  });

  describe("destroy", () => {
    test("removes the checkout, keeps the branch with its commits, and succeeds if everything is gone", async () => {
      const { workspace, config, repo, gitIn } = bench(contract);
      const info = await workspace.create(config());
      gitIn(info.path, "commit", "-q", "--allow-empty", "-m", "work");
      const sha = gitIn(info.path, "rev-parse", "HEAD").trim();
      await workspace.destroy(info.path);
      expect(existsSync(info.path)).toBe(false);
      expect(await workspace.exists(info.path)).toBe(false);
      expect(await workspace.list("app")).toEqual([]);
      expect(repo.git("rev-parse", "feat/42").trim()).toBe(sha);
      expect(repo.git("worktree", "list").trim().split("\n")).toHaveLength(1);
      await workspace.destroy(info.path);
    });

    test("finishes what an earlier call began", async () => {
      const { workspace, config, repo } = bench(contract);
      const info = await workspace.create(config());
      rmSync(info.path, { recursive: true });
      await workspace.destroy(info.path);
      expect(repo.git("worktree", "list").trim().split("\n")).toHaveLength(1);
      expect(existsSync(join(repo.path, ".git/worktrees"))).toBe(false);
      await workspace.create(config({ useExistingBranch: true }));
    });

    test("is not required for a restore, which recreates a checkout that was removed by hand from its branch", async () => {
      const { workspace, config, gitIn } = bench(contract);
      const info = await workspace.create(config());
      gitIn(info.path, "commit", "-q", "--allow-empty", "-m", "work");
      const sha = gitIn(info.path, "rev-parse", "HEAD").trim();
      await workspace.publish(info.path, config().project);
      rmSync(info.path, { recursive: true });
      const back = await workspace.restore(config(), info.path);
      expect(gitIn(back.path, "rev-parse", "HEAD", "--abbrev-ref", "HEAD").trim().split("\n")).toEqual([
        sha,
        "feat/42",
      ]);
    });

    test("is finished at the next start if the daemon was killed during it", async () => {
      const { workspace, config, repo, home } = bench(contract);
      const info = await workspace.create(config());
      const record = join(home, "plugin/workspaces/app-1.json");
      writeFileSync(record, readFileSync(record, "utf8").replace('"ready"', '"removing"'));
      rmSync(info.path, { recursive: true });
      const next = bench(contract, { repo, home });
      await next.workspace.create(next.config({ sessionId: "app-2", branch: "feat/43" }));
      expect(existsSync(record)).toBe(false);
      expect(repo.git("worktree", "list")).not.toContain(info.path);
      expect(repo.git("branch", "--list", "feat/42")).toContain("feat/42");
    });

    test("follows no link, and removes read-only folders", async () => {
      const outside = tempDir();
      writeFileSync(join(outside, "precious.txt"), "p");
      const { workspace, config } = bench(contract);
      const info = await workspace.create(config());
      symlinkSync(outside, join(info.path, "link"));
      symlinkSync(outside, join(info.path, "-rf"));
      mkdirSync(join(info.path, "mod/deep"), { recursive: true });
      writeFileSync(join(info.path, "mod/deep/x"), "x");
      chmodSync(join(info.path, "mod/deep"), 0o555);
      chmodSync(join(info.path, "mod"), 0o555);
      await workspace.destroy(info.path);
      await waitFor(() => Object.keys(snapshot(join(info.path, ".."))).length <= 1, { what: "an empty trash" });
      expect(readFileSync(join(outside, "precious.txt"), "utf8")).toBe("p");
    });

    test("removes only the link if the agent replaced its checkout with one", async () => {
      const outside = tempDir();
      writeFileSync(join(outside, "precious.txt"), "p");
      const { workspace, config } = bench(contract);
      const info = await workspace.create(config());
      renameSync(info.path, `${info.path}-moved`);
      symlinkSync(outside, info.path);
      await workspace.destroy(info.path);
      expect(existsSync(info.path)).toBe(false);
      expect(readFileSync(join(outside, "precious.txt"), "utf8")).toBe("p");
    });
  });
}
