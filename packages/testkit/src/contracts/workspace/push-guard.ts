import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { tempDir } from "../../temp-dir.ts";
import { repoAt } from "../../temp-repo.ts";
import { bench, type WorkspaceContract } from "./bench.ts";

/** A session in a project with a remote, and its agent's git. */
async function guarded(contract: WorkspaceContract, folder = "repo") {
  const dir = tempDir("ao-guard");
  const upstream = repoAt(join(dir, "upstream"));
  upstream.git("clone", "-q", upstream.path, join(dir, folder));
  const path = join(dir, folder);
  const place = bench(contract, {
    repo: { ...upstream, path, git: (...args) => upstream.git("-C", path, ...args) },
  });
  const { workspace, config, project, repo } = place;
  const info = await workspace.create(config());
  const guard = (branch = info.branch, at = 0) =>
    workspace.guardPushes(info.path, project, { sessionId: "app-1", branch, at });
  const { key, value } = await guard();
  const env = { ...repo.env, GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: key, GIT_CONFIG_VALUE_0: value };
  const run = (cwd: string, ...args: string[]) => spawnSync("git", args, { cwd, env, encoding: "utf8" });
  const agent = (...args: string[]) => run(info.path, ...args);
  agent("commit", "-q", "--allow-empty", "-m", "work");
  const on = (ref: string) => upstream.git("for-each-ref", "--format=%(objectname)", ref).trim();
  return { ...place, upstream, info, guard, agent, run, on, hooks: dirname(value) };
}

/** Writes a hook that notes that it ran, with its arguments and what it was given. */
function putHook(path: string, log: string, { status = 0 } = {}): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho "\${0##*/} $*" >> '${log}'\n[ -t 0 ] || cat >> '${log}'\nexit ${status}\n`);
  chmodSync(path, 0o755);
}

/** An agent pushes its own branch by mistake to another one, or another one. */
export function pushGuardTests(contract: WorkspaceContract): void {
  describe("the guard of pushes", () => {
    test("lets an agent push its branch, and refuses everything else in one line", async () => {
      const { agent, info, on, guard } = await guarded(contract);
      const main = on("refs/heads/main");
      for (const refs of [["HEAD:main"], ["HEAD:refs/heads/other"], ["HEAD:refs/tags/v1"], [info.branch, "HEAD:x"]]) {
        const refused = agent("push", "-q", "origin", ...refs);
        expect([refused.status, refused.stderr.split("\n")[0]], refs.join()).toEqual([
          1,
          expect.stringMatching(/^ao: nothing was pushed\. This session may push its branch feat\/42, but not \S+\./),
        ]);
      }
      expect([on("refs/heads/main"), on("refs/heads/other"), on("refs/tags"), on("refs/heads/feat")]).toEqual([
        main,
        "",
        "",
        "",
      ]);
      expect(agent("push", "-q", "origin", info.branch)).toMatchObject({ status: 0, stderr: "" });
      expect(on("refs/heads/feat/42")).toBe(agent("rev-parse", "HEAD").stdout.trim());
      agent("branch", "-q", "-m", "feat/better");
      expect(agent("push", "-q", "origin", "feat/better").status).toBe(1);
      await guard("feat/better");
      expect(agent("push", "-q", "origin", "feat/better").status).toBe(0);
    });

    test("runs the repository's own hooks, also those that a hook manager sets later, with what git gives them", async () => {
      const { agent, info, on, hooks } = await guarded(contract);
      const log = join(tempDir("ao-hooks"), "log");
      const dir = resolve(info.path, agent("rev-parse", "--git-common-dir").stdout.trim(), "hooks");
      const ran = () => {
        const text = existsSync(log) ? readFileSync(log, "utf8") : "";
        rmSync(log, { force: true });
        return text.split("\n").filter((line) => line !== "");
      };
      putHook(join(dir, "pre-push"), log);
      putHook(join(dir, "pre-commit"), log);
      expect(agent("commit", "-q", "--allow-empty", "-m", "more").status).toBe(0);
      expect(ran()).toEqual(["pre-commit "]);
      expect(agent("push", "-q", "origin", info.branch).status).toBe(0);
      const head = agent("rev-parse", "HEAD").stdout.trim();
      const ref = "refs/heads/feat/42";
      expect(ran()).toEqual([expect.stringMatching(/^pre-push origin \S/), `${ref} ${head} ${ref} ${"0".repeat(40)}`]);
      expect([agent("push", "-q", "origin", "HEAD:main").status, ran()]).toEqual([1, []]);

      agent("config", "core.hooksPath", ".husky/_");
      putHook(join(info.path, ".husky/_/commit-msg"), log, { status: 1 });
      putHook(join(info.path, ".husky/_/pre-push"), log, { status: 1 });
      expect(agent("commit", "-q", "--allow-empty", "-m", "refused").status).toBe(1);
      expect(ran()[0]).toMatch(/^commit-msg \S+COMMIT_EDITMSG/);
      agent("commit", "-q", "--no-verify", "--allow-empty", "-m", "more");
      expect([agent("push", "-q", "origin", info.branch).status, ran()[0]]).toEqual([
        1,
        expect.stringMatching(/^pre-push/),
      ]);
      expect(on(ref)).toBe(head);
      expect(hooks).not.toContain(info.path);
    });

    test("is for this checkout alone, leaves repository and config as they were, and is gone with the checkout", async () => {
      const { agent, run, info, repo, workspace, config, guard, hooks } = await guarded(contract, "re[p]o *1");
      const state = () => [repo.git("config", "--list", "--local"), readdirSync(join(repo.path, ".git", "hooks"))];
      const before = state();
      const other = await workspace.create(config({ sessionId: "app-2", branch: "feat/43" }));
      expect(agent("config", "core.hooksPath").stdout.trim()).toBe(hooks);
      for (const path of [repo.path, other.path]) expect(run(path, "config", "core.hooksPath").stdout).toBe("");
      repo.git("branch", "mine");
      expect(run(repo.path, "push", "-q", "origin", "mine").status).toBe(0);
      await guard();
      expect(state()).toEqual(before);
      expect(existsSync(join(hooks, "pre-push"))).toBe(true);
      await workspace.destroy(info.path);
      expect(existsSync(hooks)).toBe(false);
    });

    test("keeps what a hook manager put into its folder, but for the guard itself", async () => {
      const { agent, guard, hooks } = await guarded(contract);
      const log = join(tempDir("ao-hooks"), "log");
      putHook(join(hooks, "pre-commit"), log);
      putHook(join(hooks, "pre-push"), log);
      await guard();
      expect(agent("push", "-q", "origin", "HEAD:main").status).toBe(1);
      agent("commit", "-q", "--allow-empty", "-m", "more");
      expect(readFileSync(log, "utf8")).toBe("pre-commit \n");
    });
  });
}
