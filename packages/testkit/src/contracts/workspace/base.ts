import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { tempDir } from "../../temp-dir.ts";
import { repoAt, type TempRepo } from "../../temp-repo.ts";
import { bench, type WorkspaceContract } from "./bench.ts";

/** Creates a repository and a clone of it with the remote `origin`. */
function withRemote(): { upstream: TempRepo; repo: TempRepo } {
  const dir = tempDir("ao-remote");
  const upstream = repoAt(join(dir, "upstream"));
  upstream.git("clone", "-q", upstream.path, join(dir, "repo"));
  const inRepo = (...args: string[]) => upstream.git("-C", join(dir, "repo"), ...args);
  const write = (file: string, text: string) => writeFileSync(join(dir, "repo", file), text);
  const commit = (message: string, files: Record<string, string> = {}) => {
    for (const [file, text] of Object.entries(files)) write(file, text);
    inRepo("add", "-A");
    inRepo("commit", "-q", "--allow-empty", "-m", message);
    return inRepo("rev-parse", "HEAD").trim();
  };
  return { upstream, repo: { path: join(dir, "repo"), env: upstream.env, git: inRepo, write, commit } };
}

/** An `ssh` that counts its calls and runs the far end's command here. */
function countingSsh(): { command: string; calls(): number } {
  const dir = tempDir("ao-ssh");
  const log = join(dir, "calls");
  writeFileSync(join(dir, "ssh"), `#!/bin/sh\necho x >> ${log}\nfor last; do :; done\nexec sh -c "$last"\n`);
  chmodSync(join(dir, "ssh"), 0o755);
  return {
    command: join(dir, "ssh"),
    calls: () => (existsSync(log) ? readFileSync(log, "utf8").split("\n").length - 1 : 0),
  };
}

export function baseTests(contract: WorkspaceContract): void {
  describe("the base", () => {
    test("is the remote's newest commit, with a note on what differs locally", async () => {
      const { upstream, repo } = withRemote();
      const sha = upstream.commit("theirs", { "t.txt": "t" });
      const behind = bench(contract, { repo });
      const info = await behind.workspace.create(behind.config());
      expect(info.baseSha).toBe(sha);
      expect(info.baseNote).toBe(`from origin/main ${sha.slice(0, 7)}; your main is 1 commit behind`);
    });

    test("names the commits that only the user has", async () => {
      const { repo } = withRemote();
      const remoteSha = repo.git("rev-parse", "origin/main").trim();
      for (const n of [1, 2, 3]) repo.commit(`mine ${n}`);
      const { workspace, config } = bench(contract, { repo });
      const info = await workspace.create(config());
      expect(info.baseSha).toBe(remoteSha);
      expect(info.baseNote).toBe(`from origin/main ${remoteSha.slice(0, 7)}; your main has 3 unpushed commits`);
    });

    test("needs no note when remote and local agree", async () => {
      const { repo } = withRemote();
      const { workspace, config } = bench(contract, { repo });
      expect((await workspace.create(config())).baseNote).toBeUndefined();
    });

    test("is fetched once, however many sessions start", async () => {
      const { upstream, repo } = withRemote();
      repo.git("remote", "set-url", "origin", `ssh://far.invalid${upstream.path}`);
      const ssh = countingSsh();
      const { workspace, config } = bench(contract, { repo, env: { GIT_SSH_COMMAND: ssh.command } });
      const start = (n: number) => workspace.create(config({ sessionId: `app-${n}`, branch: `feat/${n}` }));
      const made = await Promise.all([1, 2, 3, 4, 5, 6].map(start));
      expect(made.map((info) => info.baseNote)).toEqual(new Array(6).fill(undefined));
      expect(ssh.calls()).toBe(1);
    });

    test("is the local one if the remote hangs, and the spawn continues and says so", async () => {
      const { repo } = withRemote();
      repo.git("remote", "set-url", "origin", "ssh://nobody@127.0.0.1:1/repo.git");
      const sha = repo.commit("mine");
      const ssh = join(tempDir("ao-ssh"), "ssh");
      mkdirSync(dirname(ssh), { recursive: true });
      writeFileSync(ssh, "#!/bin/sh\nsleep 60 &\nsleep 60\n");
      chmodSync(ssh, 0o755);
      const { workspace, config } = bench(contract, { repo, env: { GIT_SSH_COMMAND: ssh } });
      const began = performance.now();
      const info = await workspace.create(config());
      expect(performance.now() - began).toBeLessThan(15_000);
      expect(info.baseSha).toBe(sha);
      expect(info.baseNote).toBe(`from your local main ${sha.slice(0, 7)}: origin did not answer within 8 s`);
    });

    test("is what was last fetched if the remote is gone and has more than the local branch", async () => {
      const { upstream, repo } = withRemote();
      const sha = upstream.commit("theirs");
      repo.git("fetch", "-q");
      repo.git("remote", "set-url", "origin", join(tempDir(), "gone"));
      const { workspace, config } = bench(contract, { repo });
      const info = await workspace.create(config());
      expect(info.baseSha).toBe(sha);
      expect(info.baseNote).toContain("as last fetched; your main is 1 commit behind: could not fetch from origin");
    });

    test("of a session on another session's branch is the local branch, not an older one on the remote", async () => {
      const { repo } = withRemote();
      const { workspace, config, gitIn, project } = bench(contract, { repo });
      const first = await workspace.create(config());
      gitIn(first.path, "push", "-q", "origin", "feat/42");
      gitIn(first.path, "commit", "-q", "--allow-empty", "-m", "newer");
      await workspace.publish(first.path, project);
      const info = await workspace.create(config({ sessionId: "app-2", branch: "feat/43", baseBranch: "feat/42" }));
      expect(info.baseSha).toBe(gitIn(first.path, "rev-parse", "HEAD").trim());
    });

    test("may be a branch that only the remote has, and such a name counts as taken", async () => {
      const { upstream, repo } = withRemote();
      upstream.git("branch", "release");
      repo.git("fetch", "-q");
      const { workspace, config, project } = bench(contract, { repo });
      const info = await workspace.create(config({ baseBranch: "release" }));
      expect(info.baseBranch).toBe("release");
      const taken = config({ sessionId: "app-2", branch: "release" });
      await expect(workspace.create(taken)).rejects.toMatchObject({ code: "REFUSED" });
      expect(await workspace.freeBranch("release", project)).toBe("release-2");
      const used = await workspace.create({ ...taken, useExistingBranch: true });
      expect(used.branch).toBe("release");
    });
  });

  describe("a remote that an agent could have written", () => {
    test.each(["fork", "origin"])("is no base if it was added as %s after the first session", async (name) => {
      const { upstream, repo } = withRemote();
      repo.git("remote", "remove", "origin");
      const mine = repo.git("rev-parse", "main").trim();
      const { workspace, config } = bench(contract, { repo });
      await workspace.create(config());
      upstream.commit("evil", { "evil.txt": "evil" });
      repo.git("remote", "add", name, upstream.path);
      repo.git("fetch", "-q", name);
      repo.git("remote", "set-head", name, "main");
      repo.git("config", "branch.main.remote", name);
      const info = await workspace.create(config({ sessionId: "app-2", branch: "feat/2" }));
      expect(info.baseSha).toBe(mine);
      expect(info.baseNote).toMatch(
        new RegExp(`^from your local main ${mine.slice(0, 7)}: the remote ${name} was added .* delete .*remote.json$`),
      );
    });

    test("is no base at another address, until the user deletes the record", async () => {
      const { repo } = withRemote();
      const fork = repoAt(join(tempDir("ao-fork"), "fork"), { "evil.txt": "evil" });
      const mine = repo.git("rev-parse", "main").trim();
      const { workspace, config } = bench(contract, { repo });
      await workspace.create(config());
      repo.git("remote", "set-url", "origin", fork.path);
      repo.git("fetch", "-q", "origin");
      const info = await workspace.create(config({ sessionId: "app-2", branch: "feat/2" }));
      expect(info.baseSha).toBe(mine);
      const file = / delete (.*)$/.exec(info.baseNote ?? "")?.[1] ?? "";
      rmSync(file);
      const trusted = await workspace.create(config({ sessionId: "app-3", branch: "feat/3" }));
      expect(trusted.baseSha).toBe(fork.git("rev-parse", "main").trim());
    });

    test("does not push out the one that was there, and other remotes don't choose the default branch", async () => {
      const { upstream, repo } = withRemote();
      repo.git("remote", "rename", "origin", "upstream");
      const { workspace, config } = bench(contract, { repo });
      await workspace.create(config());
      const theirs = upstream.commit("theirs");
      const fork = repoAt(join(tempDir("ao-fork"), "fork"), { "evil.txt": "evil" });
      fork.git("branch", "evil");
      for (const name of ["origin", "another"]) {
        repo.git("remote", "add", name, fork.path);
        repo.git("fetch", "-q", name);
        repo.git("remote", "set-head", name, "evil");
      }
      repo.git("fetch", "-q", "upstream");
      const info = await workspace.create(config({ sessionId: "app-2", branch: "feat/2" }));
      expect(info).toMatchObject({ baseBranch: "main", baseSha: theirs });
    });
  });

  describe("the difference", () => {
    test("shows what only the remote has, because a merge brings it into the local base branch", async () => {
      const { upstream, repo } = withRemote();
      upstream.commit("theirs", { "theirs.txt": "only there\n" });
      const { workspace, config, project } = bench(contract, { repo });
      const info = await workspace.create(config());
      writeFileSync(join(info.path, "mine.txt"), "mine\n");
      const options = { baseSha: info.baseSha ?? "", baseBranch: "main" };
      const diff = await workspace.getDiff(info.path, project, options);
      expect(diff).toContain("+only there");
      expect(diff).toContain("+mine");
      expect(await workspace.inspect(info.path, project, options)).toMatchObject({ commitsAhead: 0, changedFiles: 1 });
      // A forge merges into its own branch, whether its commit is known here or not.
      for (const baseSha of [options.baseSha, "f".repeat(40), null]) {
        const onForge = await workspace.getDiff(info.path, project, { ...options, forge: { baseSha } });
        expect(onForge).toContain("+mine");
        expect(onForge).not.toContain("+only there");
      }
    });

    test("leaves out what the local base branch has received since", async () => {
      const { upstream, repo } = withRemote();
      upstream.commit("theirs", { "theirs.txt": "only there\n" });
      const { workspace, config, gitIn, project } = bench(contract, { repo });
      const info = await workspace.create(config());
      const options = { baseSha: info.baseSha ?? "", baseBranch: "main" };
      writeFileSync(join(info.path, "mine.txt"), "mine\n");
      gitIn(info.path, "add", "-A");
      gitIn(info.path, "commit", "-q", "-m", "mine");
      repo.git("fetch", "-q");
      repo.git("merge", "-q", "--ff-only", "origin/main");
      repo.commit("later", { "later.txt": "later\n" });
      const diff = await workspace.getDiff(info.path, project, options);
      expect(diff).toContain("+mine");
      for (const line of ["only there", "later"]) expect(diff).not.toContain(line);
      expect(await workspace.inspect(info.path, project, options)).toMatchObject({ commitsAhead: 1 });
    });

    test("of a session whose base was finished does not contain that base's commits", async () => {
      const { repo } = withRemote();
      const { workspace, config, gitIn, project } = bench(contract, { repo });
      const first = await workspace.create(config());
      writeFileSync(join(first.path, "first.txt"), "of the first\n");
      gitIn(first.path, "add", "-A");
      gitIn(first.path, "commit", "-q", "-m", "first");
      await workspace.publish(first.path, project);
      const second = await workspace.create(config({ sessionId: "app-2", branch: "feat/2", baseBranch: "feat/42" }));
      writeFileSync(join(second.path, "second.txt"), "of the second\n");
      const options = { baseSha: second.baseSha ?? "", baseBranch: "main" };
      const diff = await workspace.getDiff(second.path, project, options);
      expect(diff).toContain("+of the second");
      expect(diff).not.toContain("of the first");
    });
  });

  describe("a free branch", () => {
    test("is the requested one, or the next free one after it", async () => {
      const { workspace, repo, project } = bench(contract);
      expect(await workspace.freeBranch("feat/42", project)).toBe("feat/42");
      repo.git("branch", "feat/42");
      repo.git("branch", "feat/42-2");
      repo.git("pack-refs", "--all");
      expect(await workspace.freeBranch("feat/42", project)).toBe("feat/42-3");
      expect(await workspace.freeBranch("feat/42", project, { taken: ["feat/42-3", "FEAT/42-4"] })).toBe("feat/42-5");
    });

    test("avoids a branch that is in the way of its folder, or below it", async () => {
      const { workspace, repo, project } = bench(contract);
      repo.git("branch", "feat");
      expect(await workspace.freeBranch("feat/42", project)).toBe("feat-42");
      repo.git("branch", "feat-42");
      expect(await workspace.freeBranch("feat/42", project)).toBe("feat-42-2");
      repo.git("branch", "fix/7/a");
      expect(await workspace.freeBranch("fix/7", project)).toBe("fix/7-2");
      repo.git("pack-refs", "--all");
      expect(await workspace.freeBranch("fix/7", project)).toBe("fix/7-2");
    });
  });
}
