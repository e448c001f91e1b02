import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { runProgram } from "./support/ao.ts";
import { AO, Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const WORK = `{ command: sh, args: ["-c", "env -0 > $AO_HOME/agent.env; echo hi > n; git add n; git commit -qm work"], lifetime: per-turn }`;
/** Writes a program's surroundings to where the test reads them. */
const LEAVE = (name: string) => `env -0 > "$AO_TEST_DIR/${name}.env"`;

const project = (dir: string) =>
  `    env: {}
    postCreate: ['${LEAVE("postCreate")}']
    preDestroy: ['${LEAVE("preDestroy")}']
    scm: { plugin: local, ci: [{ name: test, run: '${LEAVE("ci")}; git config core.bare true; git -c user.name=ci -c user.email=c@i commit -q --allow-empty -m ci; git update-index --add --cacheinfo 100644,$(git hash-object -w n),evil' }] }
`
    .replace("    env: {}\n", "")
    .replaceAll("$AO_TEST_DIR", dir);

interface UserRepository {
  head: string;
  branch: string;
  index: string;
  config: string;
}

function snapshot(path: string, env: Record<string, string>): UserRepository {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: path, env, encoding: "utf8" });
  return {
    head: git("rev-parse", "HEAD"),
    branch: git("symbolic-ref", "HEAD"),
    index: git("ls-files", "--stage"),
    config: readFileSync(join(path, ".git/config"), "utf8"),
  };
}

const AO_LINE = `'${process.execPath}' '${AO}'`;

it.each([
  ["a post-commit hook", "post-commit", ["commit", "-q", "--allow-empty", "-m", "by hand"]],
  ["an alias with a setting", null, ["-c", "core.bare=false", "go"]],
  [
    "a hook of `git commit -a` with a separate author",
    "pre-commit",
    ["commit", "-qa", "--allow-empty", "--author=X <x@y>", "-m", "z"],
  ],
])(
  "`ao spawn` from %s leaves the user's repository alone: agent, CI, commands and `ao exec` work in the checkout",
  async (_, hook, act) => {
    box = new Sandbox({ runtime: "process", agentConfig: WORK });
    box.configure({ runtime: "process", agentConfig: WORK, project: project(box.dir) });
    // Only real surroundings: no author in the environment except git's own.
    const env = Object.fromEntries(Object.entries(box.env).filter(([name]) => !/^GIT_(AUTHOR|COMMITTER)/.test(name)));
    const ao = (...args: string[]) =>
      execFileSync(process.execPath, [AO, ...args], { cwd: box.repo.path, env, encoding: "utf8" });
    ao("trust", "--yes");
    const spawn = `${AO_LINE} spawn app 1`;
    if (hook === null) execFileSync("git", ["config", "alias.go", `!${spawn}`], { cwd: box.repo.path, env });
    else {
      const path = join(box.repo.path, ".git/hooks", hook);
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, `#!/bin/sh\nrm -f "$0"\n${spawn} >&2\n`);
      chmodSync(path, 0o755);
    }
    execFileSync("git", act, { cwd: box.repo.path, env, stdio: "pipe" });
    const before = snapshot(box.repo.path, env);
    await waitFor(() => existsSync(join(box.dir, "ci.env")), { timeoutMs: 30_000, what: "CI to have run" });
    const work = execFileSync("git", ["log", "-1", "--format=%s %an", "feat/1"], {
      cwd: box.repo.path,
      env,
      encoding: "utf8",
    });
    expect(work).toBe("work Test\n");
    ao("exec", "app-1", "--", "sh", "-c", LEAVE("exec").replace("$AO_TEST_DIR", box.dir));
    ao("kill", "app-1", "--rm", "--yes");
    expect(snapshot(box.repo.path, env)).toEqual(before);
    for (const name of ["postCreate", "preDestroy", "ci", "exec", "home/agent"]) {
      const entries = readFileSync(join(box.dir, `${name}.env`), "utf8").split("\0");
      const names = entries.map((entry) => entry.split("=")[0] ?? "");
      // Only the agent's git gets the guard of pushes, and no other setting.
      const guard = name === "home/agent" ? ["GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0"] : [];
      const known = ["GIT_CONFIG_NOSYSTEM", "GIT_TERMINAL_PROMPT"];
      expect(names.filter((one) => /^GIT/.test(one) && !known.includes(one)).sort(), name).toEqual(guard);
      const key = entries.find((entry) => entry.startsWith("GIT_CONFIG_KEY_0=")) ?? "";
      if (guard.length > 0) expect(key).toMatch(/=includeIf\.gitdir:.*\/worktrees\/app-1\.path$/);
      expect(names).toContain("HOME");
    }
    const daemon = readFileSync(`/proc/${box.daemonPid()}/environ`, "utf8");
    expect(daemon).not.toMatch(/(^|\0)GIT_(DIR|INDEX_FILE|PREFIX|AUTHOR_NAME)=/);
  },
);

it("a variable used only in a notifier's option reaches every program; one declared secret reaches only the notifier", async () => {
  const agentConfig = `{ command: sh, args: ["-c", "env -0 > $AO_HOME/agent.env; sleep 600"] }`;
  const top = `plugins: [{ path: ./notify.ts }]
notifiers: { file: { plugin: file, path: "\${HOME}/notices", key: "\${FILE_KEY}" } }
notificationRouting: { urgent: [file], action: [file] }`;
  const plugin = `import { appendFile } from "node:fs/promises";
export const manifest = { name: "file", slot: "notifier", description: "x", version: "1.0.0", secrets: ["key"] };
export const create = ({ path, key }) => ({ notify: (event) => appendFile(path, key + event.message) });
export default { manifest, create };`;
  box = new Sandbox({ runtime: "process", agentConfig, top, files: { "notify.ts": plugin } });
  const env = { FILE_KEY: "s3cret-of-the-file" };
  await box.aoWith({ env }, "trust", "--yes");
  const spawned = await box.aoWith({ env }, "spawn", "app", "1");
  expect(spawned.status, spawned.stderr).toBe(0);
  const path = join(box.home, "agent.env");
  await waitFor(() => existsSync(path) && readFileSync(path, "utf8").includes("AO_SESSION_ID"));
  const agent = readFileSync(path, "utf8");
  for (const name of ["HOME", "PATH", "LANG", "SHELL"]) expect(agent).toMatch(new RegExp(`(^|\0)${name}=.`));
  expect(agent).not.toContain("FILE_KEY");
  const told = await box.aoWith({ env }, "notify", "test");
  expect(told.stdout).toContain("✓ file:"); // the desktop is tested too, and may be missing here
  expect(readFileSync(join(box.dir, "notices"), "utf8")).toContain("s3cret-of-the-file");
});

it("a token that a plugin finds in the user's environment reaches the plugin, no agent, and nothing that is printed", async () => {
  const agentConfig = `{ command: sh, args: ["-c", "env -0 > $AO_HOME/agent.env; sleep 600"] }`;
  const top = `plugins: [{ path: ./notify.ts }]
notifiers: { hub: { plugin: hub } }
notificationRouting: { urgent: [hub], action: [hub] }`;
  const plugin = `const manifest = {
  name: "hub", slot: "notifier", description: "x", version: "1.0.0", tokenVariables: ["HUB_TOKEN", "HB_TOKEN"],
};
const create = (_options, context) => ({ notify: async () => { throw new Error(JSON.stringify(context.tokens())); } });
export default { manifest, create };`;
  box = new Sandbox({ runtime: "process", agentConfig, top, files: { "notify.ts": plugin } });
  const env = { HUB_TOKEN: "t0ken-of-the-user", HUB_URL: "https://hub.example" };
  await box.aoWith({ env }, "trust", "--yes");
  expect((await box.aoWith({ env }, "spawn", "app", "1")).status).toBe(0);
  const path = join(box.home, "agent.env");
  await waitFor(() => existsSync(path) && readFileSync(path, "utf8").includes("AO_SESSION_ID"));
  expect(readFileSync(path, "utf8")).toContain("HUB_URL");
  expect(readFileSync(path, "utf8")).not.toContain("HUB_TOKEN");
  const told = await box.aoWith({ env }, "notify", "test", "--json");
  expect(told.stdout).toContain("HUB_TOKEN");
  expect(told.stdout + told.stderr).not.toContain("t0ken-of-the-user");
});

it("after a restart with a login profile that replaces the shell, CI still has HOME, PATH and LANG, and doctor says why", async () => {
  box = new Sandbox({ runtime: "process", agentConfig: WORK });
  box.configure({ runtime: "process", agentConfig: WORK, project: project(box.dir) });
  writeFileSync(join(box.dir, ".profile"), "printf 'HOME=/wrong\\0'; exec true\n");
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  const ci = join(box.dir, "ci.env");
  await waitFor(() => existsSync(ci), { timeoutMs: 30_000, what: "CI to have run" });
  await box.kill9();
  execFileSync("rm", [ci]);
  await box.start();
  const worktree = await waitFor(async () =>
    (await box.ask("path", { session: "app-1" })).ok ? box.worktrees()[0] : undefined,
  );
  box.repo.git("-C", worktree, "commit", "-q", "--allow-empty", "-m", "more");
  await waitFor(() => existsSync(ci) && readFileSync(ci, "utf8").includes("AO_CI"), {
    timeoutMs: 30_000,
    what: "CI to run again",
  });
  const seen = readFileSync(ci, "utf8").split("\0");
  expect(seen).toContain(`HOME=${box.dir}`);
  expect(seen).toContain("LANG=C.UTF-8");
  expect(seen.some((entry) => entry.startsWith("PATH=/") || entry.startsWith("PATH="))).toBe(true);
  expect((await box.ao("doctor")).stdout).toMatch(/ended without running its command/);
});

/** Another user of this machine, known only by number. This needs root, which can become any user. */
const isRoot = process.getuid?.() === 0;

it.skipIf(!isRoot)(
  "a user without an entry in passwd is like any other; only `{user}` in a branch needs a name",
  async () => {
    box = new Sandbox({ runtime: "process", agentConfig: WORK });
    box.configure({ runtime: "process", agentConfig: WORK, project: project(box.dir) });
    execFileSync("chown", ["-R", "1500:1500", box.dir]);
    const ao = (env: Record<string, string>, ...args: string[]) =>
      runProgram("setpriv", ["--reuid=1500", "--regid=1500", "--clear-groups", process.execPath, AO, ...args], {
        cwd: box.repo.path,
        env: { ...box.env, ...env },
      });
    const fine = async (...args: string[]) => {
      const answer = await ao({}, ...args);
      expect(answer.status, `${args.join(" ")}: ${answer.stderr}`).toBe(0);
      return answer.stdout;
    };
    await fine("trust", "--yes");
    await fine("spawn", "app", "1");
    await fine("wait", "app-1", "--until", "review_pending,mergeable,approved", "--timeout", "30s");
    await waitFor(() => existsSync(join(box.dir, "ci.env")), { timeoutMs: 30_000, what: "CI to have run" });
    await fine("diff", "app-1");
    await fine("review", "app-1", "--approve");
    await fine("doctor", "--json");
    const named = `${project(box.dir)}    branch: "{user}/{issue}"\n`;
    box.configure({ runtime: "process", agentConfig: WORK, project: named });
    await fine("trust", "--yes");
    const nobody = await ao({}, "spawn", "app", "2");
    expect(nobody.status).toBe(78);
    expect(nobody.stderr).toMatch(/asks for \{user\}[\s\S]*Set USER/);
    const somebody = await ao({ USER: "dev" }, "spawn", "app", "2");
    expect(somebody.status, somebody.stderr).toBe(0);
    expect(somebody.stdout).toContain("branch dev/2");
    await fine("stop", "--sessions", "--yes");
  },
);

it("`ao diff` into `git apply` works whatever the user's git settings are, for binary files and other encodings too", async () => {
  const odd = `printf 'caf\\351\\n' > latin1; printf '\\0\\1\\377' > binary; mkdir d; echo ü > "d/ü b.txt"; sed -i s/app/APP/ README.md`;
  const agentConfig = `{ command: sh, args: ["-c", ${JSON.stringify(`${odd}; git add README.md; touch $AO_HOME/done; sleep 600`)}] }`;
  box = new Sandbox({ runtime: "process", agentConfig });
  const settings = "[diff]\n\tnoprefix = true\n\tcontext = 0\n[color]\n\tui = always\n[core]\n\tquotePath = true\n";
  writeFileSync(join(box.dir, ".gitconfig"), `${readFileSync(join(box.dir, ".gitconfig"), "utf8")}${settings}`);
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await waitFor(() => existsSync(join(box.home, "done")));
  execFileSync("sh", ["-c", `${AO_LINE} diff app-1 | git apply`], { cwd: box.repo.path, env: box.env });
  const worktree = box.worktrees()[0] ?? "";
  for (const name of ["latin1", "binary", "d/ü b.txt", "README.md"]) {
    expect(readFileSync(join(box.repo.path, name)).equals(readFileSync(join(worktree, name))), name).toBe(true);
  }
  expect((await box.ao("diff", "app-1", "--stat", "d")).stdout).toMatch(/^ d\/ü b\.txt \| 1 \+\n 1 file changed/);
  expect((await box.ao("diff", "app-1", "--staged")).stdout).toMatch(
    /^diff --git a\/README\.md b\/README\.md\n[\s\S]*\+# APP/,
  );
  expect((await box.ao("diff", "app-1", "README.md")).stdout).not.toContain("latin1");
});
