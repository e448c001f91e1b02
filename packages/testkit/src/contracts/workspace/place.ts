import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { tempDir } from "../../temp-dir.ts";
import { tempRepo } from "../../temp-repo.ts";
import { bench, type WorkspaceContract } from "./bench.ts";

/** A user who works under one name at home and under another, with another key, in one folder. */
function userWithTwoLives(workFolder: string): Record<string, string> {
  const dir = tempDir("ao-user");
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
  write(
    "config",
    `[user]
\tname = Me
\temail = me@home.invalid
[credential]
\thelper = first
[includeIf "gitdir:${workFolder}/"]
\tpath = work
[includeIf "onbranch:main"]
\tpath = main
[includeIf "onbranch:feat/**"]
\tpath = feat
`,
  );
  write(
    "work",
    `[user]
\temail = me@work.invalid
\tsigningKey = ~/.ssh/work.pub
[gpg]
\tformat = ssh
[core]
\tsshCommand = ssh -i ~/.ssh/work
[credential]
\thelper = second
[url "git@work.invalid:"]
\tinsteadOf = https://work.invalid/
[http "https://work.invalid"]
\textraHeader = "X-Team: a \\"quoted\\" one"
`,
  );
  write("main", "[user]\n\temail = main@branch.invalid\n[format]\n\tsignature = of-main\n");
  write("feat", "[format]\n\tsignature = of-feat\n");
  return { GIT_CONFIG_GLOBAL: join(dir, "config") };
}

const KEYS = [
  "user.name",
  "user.email",
  "user.signingkey",
  "gpg.format",
  "core.sshcommand",
  "credential.helper",
  "url.git@work.invalid:.insteadof",
  "http.https://work.invalid.extraheader",
  "merge.ours.driver",
  "format.signature",
];

export function placeTests(contract: WorkspaceContract): void {
  describe("the place of a checkout", () => {
    test("changes no identity, key or access: they are those that git resolves in the project", async () => {
      const repo = tempRepo();
      const env = userWithTwoLives(dirname(repo.path));
      writeFileSync(join(repo.path, ".gitconfig"), '[merge "ours"]\n\tdriver = true\n');
      repo.git("config", "include.path", "../.gitconfig");
      repo.git("checkout", "-q", "--detach");
      const { workspace, config } = bench(contract, { repo, env });
      const resolved = (cwd: string) =>
        Object.fromEntries(
          KEYS.map((key) => {
            const args = ["config", "--get-all", key];
            const all = { cwd, env: { ...repo.env, ...env }, encoding: "utf8" as const, stdio: "pipe" as const };
            try {
              return [key, execFileSync("git", args, all).trim().split("\n")];
            } catch {
              return [key, []];
            }
          }),
        );
      const inProject = resolved(repo.path);
      expect(inProject["user.email"]?.at(-1)).toBe("me@work.invalid");
      repo.git("checkout", "-q", "main");
      const info = await workspace.create(config({ branch: "feat/42" }));
      // The branch alone decides what is included for a branch.
      expect(resolved(info.path)).toEqual({ ...inProject, "format.signature": ["of-feat"] });
    });

    test("changes nothing for a project in which the user's config has no such part", async () => {
      const env = userWithTwoLives("/nowhere");
      const { workspace, config, repo } = bench(contract, { env });
      const info = await workspace.create(config());
      const all = { cwd: info.path, env: { ...repo.env, ...env }, encoding: "utf8" as const };
      expect(execFileSync("git", ["config", "--get-all", "user.email"], all).trim()).toBe("me@home.invalid");
      expect(
        readFileSync(
          execFileSync("git", ["rev-parse", "--git-path", "config"], all)
            .trim()
            .replace(/^\.git/, join(info.path, ".git")),
          "utf8",
        ),
      ).not.toContain("work.invalid");
    });
  });

  describe("an ssh that leaves its connection open", () => {
    test("does not hold a session up: ssh's own exit ends the call", async () => {
      const upstream = tempRepo();
      const repo = tempRepo();
      repo.git("remote", "add", "origin", `ssh://far.invalid${upstream.path}`);
      const [dir, log] = [tempDir("ao-ssh"), join(tempDir("ao-ssh-log"), "pids")];
      const ssh = join(dir, "ssh");
      // As with ControlPersist: a master goes on in the background, with our stderr.
      writeFileSync(
        ssh,
        `#!/bin/sh\nsetsid sleep 60 >/dev/null </dev/null &\necho $! >> ${log}\nfor last; do :; done\nexec sh -c "$last"\n`,
      );
      chmodSync(ssh, 0o755);
      const { workspace, config } = bench(contract, { repo, env: { GIT_SSH_COMMAND: ssh } });
      const info = await workspace.create(config());
      expect(info.baseNote ?? "").not.toMatch(/did not answer/);
      expect(info.baseSha).toBe(upstream.git("rev-parse", "main").trim());
      const masters = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").map(Number) : [];
      expect(masters.length).toBeGreaterThan(0);
      for (const pid of masters) process.kill(pid, "SIGKILL"); // it was left alone: it serves the next call
    });
  });
}
