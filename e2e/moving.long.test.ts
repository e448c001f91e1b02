import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { repoAt, type TempRepo } from "@agent-orchestrator/testkit/temp-repo";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, describe, expect, it } from "vitest";
import { Sandbox, type SandboxOptions } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const starts = () => box.agentEvents().filter(({ event }) => event === "start").length;
const at = (cwd: string, ...args: string[]) => box.aoWith({ cwd }, ...args);
const git = (cwd: string, ...args: string[]) => execFileSync("git", args, { cwd, env: box.env, encoding: "utf8" });
async function show(session: string): Promise<SessionView> {
  return JSON.parse((await at("/", "show", session, "--json")).stdout).data;
}

/** A session with a commit and an edit, whose agent is idle. */
async function begin(options: SandboxOptions = {}): Promise<string> {
  box = new Sandbox({ agentArgs: ["--idle"], ...options });
  await box.ao("trust");
  const spawned = await box.ao("spawn", "app", "1");
  expect(spawned.status, spawned.stderr).toBe(0);
  await waitFor(() => starts() === 1);
  const path = (await show("app-1")).workspacePath ?? "";
  writeFileSync(join(path, "work.txt"), "work\n");
  git(path, "add", "work.txt");
  git(path, "commit", "-qm", "work");
  writeFileSync(join(path, "edit.txt"), "edit\n");
  return path;
}

/** Does everything that is refused while a checkout and its repository do not find each other. */
async function expectUsable(folder: string): Promise<void> {
  const { workspacePath } = await show("app-1");
  expect(existsSync(workspacePath ?? "")).toBe(true);
  expect(git(workspacePath ?? "", "status", "--porcelain")).toBe("?? edit.txt\n");
  const diff = await at("/", "diff", "app-1");
  expect(diff.stdout, diff.stderr).toContain("work.txt");
  const again = await at(folder, "spawn", "app", "2");
  expect(again.status, again.stderr).toBe(0);
  const removed = await at("/", "kill", "app-1", "--rm", "--yes");
  expect(removed.status, removed.stderr).toBe(0);
  const restored = await at("/", "restore", "app-1");
  expect(restored.status, restored.stderr).toBe(0);
  expect(readFileSync(join((await show("app-1")).workspacePath ?? "", "edit.txt"), "utf8")).toBe("edit\n");
}

describe("a project whose folder was moved", () => {
  it.each([
    ["while a daemon runs", {}, false],
    ["while no daemon runs", {}, true],
    ["with its checkouts in it", { project: "    worktreeDir: trees", files: { ".gitignore": "trees/\n" } }, false],
    ["with clones as checkouts", { project: "    workspace: clone" }, false],
  ])("is recognised there, %s", async (_, options, isStopped) => {
    await begin(options);
    expect((await box.ao("pr", "create", "--session", "app-1")).status).toBe(0);
    await waitFor(async () => (await show("app-1")).pr !== null);
    if (isStopped) expect((await box.ao("stop")).status).toBe(0);
    const moved = join(box.dir, "elsewhere");
    renameSync(box.repo.path, moved);
    const sick = await at("/", "doctor");
    expect(sick.status).toBe(1);
    expect(sick.stdout).toMatch(/agent-orchestrator\.yaml is missing, and it still has 1 session: app-1/);
    const refused = await at(moved, "spawn", "app", "2");
    expect(refused.status).toBe(78);
    expect(refused.stderr).toMatch(/was moved here from .* \(1 session\)[\s\S]*ao doctor --fix/);
    const fixed = await at(moved, "doctor", "--fix");
    expect(fixed.stdout).toMatch(/fixed: .*\/app has moved to .*\/elsewhere/);
    expect((await at(moved, "doctor")).stdout).not.toContain("✗");
    const { workspacePath } = await show("app-1");
    git(workspacePath ?? "", "commit", "--allow-empty", "-qm", "more");
    const head = git(workspacePath ?? "", "rev-parse", "HEAD").trim();
    await waitFor(async () => (await show("app-1")).pr?.headSha === head);
    await expectUsable(moved);
  });

  it("is not confused with a copy of it", async () => {
    await begin();
    const copy = join(box.dir, "copy");
    execFileSync("cp", ["-a", box.repo.path, copy]);
    const trusted = await at(copy, "trust");
    expect(trusted.status, trusted.stderr).toBe(0);
    expect((await at(copy, "doctor", "--fix")).stdout).not.toContain("fixed:");
    expect((await box.ao("diff", "app-1")).stdout).toContain("work.txt");
  });

  it("leaves its old path free for another one", async () => {
    await begin();
    const [old, moved] = [box.repo.path, join(box.dir, "elsewhere")];
    renameSync(old, moved);
    await at(moved, "doctor", "--fix");
    repoAt(old, { ".ao/issues/1-x.md": "---\ntitle: X\nstate: open\n---\nx\n" });
    writeFileSync(join(old, "agent-orchestrator.yaml"), readFileSync(join(moved, "agent-orchestrator.yaml")));
    expect((await at(old, "trust")).status).toBe(0);
    const spawned = await at(old, "spawn", "1");
    expect(spawned.status, spawned.stderr).toBe(0);
    expect((await show("app-1")).workspacePath).not.toBe((await show("app-2")).workspacePath);
    await expectUsable(moved);
  });
});

it("a config whose folder was moved away from the repository it names is recognised", async () => {
  await begin();
  const conf = join(box.dir, "conf");
  mkdirSync(conf);
  const text = readFileSync(join(box.repo.path, "agent-orchestrator.yaml"), "utf8");
  await at("/", "forget", box.repo.path, "--yes");
  rmSync(join(box.repo.path, "agent-orchestrator.yaml"));
  writeFileSync(
    join(conf, "agent-orchestrator.yaml"),
    text.replace("  app:\n", `  app:\n    path: ${box.repo.path}\n`),
  );
  await at(conf, "trust");
  const spawned = await at(conf, "spawn", "app", "3");
  expect(spawned.status, spawned.stderr).toBe(0);
  renameSync(conf, `${conf}-2`);
  expect((await at(`${conf}-2`, "doctor", "--fix")).stdout).toContain("fixed:");
  const diff = await at("/", "diff", "app-2");
  expect(diff.status, diff.stderr).toBe(0);
});

it("a state folder that was moved finds its checkouts", async () => {
  await begin();
  expect((await box.ao("stop", "--sessions", "--yes")).status).toBe(0);
  const home = `${box.home}-2`;
  renameSync(box.home, home);
  try {
    const there = (...args: string[]) => box.aoWith({ env: { AO_HOME: home } }, ...args);
    const sick = await there("doctor");
    expect(sick.stdout).toContain("is missing");
    expect((await there("doctor", "--fix")).stdout).toContain("fixed: app-1 is connected to");
    const diff = await there("diff", "app-1");
    expect(diff.stdout, diff.stderr).toContain("work.txt");
    const removed = await there("kill", "app-1", "--rm", "--yes");
    expect(removed.status, removed.stderr).toBe(0);
    await there("stop", "--sessions", "--yes");
  } finally {
    renameSync(home, box.home);
  }
});

describe("a config that was deleted", () => {
  it("is one line in the status until its sessions have ended, and their checkouts can be removed", async () => {
    await begin();
    rmSync(join(box.repo.path, "agent-orchestrator.yaml"));
    const lines = (await at("/", "status")).stdout.split("\n").filter((line) => line.includes("missing"));
    expect(lines).toEqual([`· the config of app is missing (1 session): \`ao forget ${box.repo.path}\``]);
    await box.kill9();
    const removed = await at("/", "kill", "app-1", "--rm", "--yes");
    expect(removed.status, removed.stderr).toBe(0);
    expect((await at("/", "status")).stdout).not.toContain("missing");
    git(box.repo.path, "branch", "-D", "feat/1");
  });

  it("is forgotten with its sessions: their work is kept, and the repository has no worktree of `ao` left", async () => {
    await begin();
    rmSync(join(box.repo.path, "agent-orchestrator.yaml"));
    await box.kill9();
    const asked = await at("/", "forget", box.repo.path);
    expect(asked.status).toBe(73);
    expect(asked.stderr).toContain("app-1 (1 commit, 1 changed file not merged)");
    const done = await at("/", "forget", box.repo.path, "--yes");
    expect(done.stdout, done.stderr).toMatch(
      /app-1: 1 commit, 1 changed file not merged, branch feat\/1, checkout kept in /,
    );
    const kept = /kept in (.*)$/m.exec(done.stdout)?.[1] ?? "";
    expect(readFileSync(join(kept, "files/edit.txt"), "utf8")).toBe("edit\n");
    expect(git(box.repo.path, "worktree", "list").trim().split("\n")).toHaveLength(1);
    expect((await at("/", "doctor")).stdout).not.toContain("agent-orchestrator.yaml is missing");
  });

  it("with its repository, leaves the checkout where it is", async () => {
    const path = await begin();
    rmSync(box.repo.path, { recursive: true });
    await box.kill9();
    const refused = await at("/", "kill", "app-1", "--rm", "--yes");
    expect(refused.status).toBe(78);
    const done = await at("/", "forget", box.repo.path, "--yes");
    expect(done.stdout, done.stderr).toContain(`checkout left at ${path}`);
    expect(existsSync(join(path, "edit.txt"))).toBe(true);
    expect((await at("/", "status")).stdout).toContain("No sessions");
  });
});

it("uninstall leaves a repository as it was before, and says where unmerged work is kept", async () => {
  await begin();
  const config = readFileSync(join(box.repo.path, ".git/config"), "utf8");
  await box.ao("spawn", "app", "2");
  const asked = await at("/", "uninstall");
  expect(asked.status).toBe(73);
  expect(asked.stderr).toContain("not merged, and kept: app-1 (1 commit, 1 changed file, branch feat/1)");
  expect(git(box.repo.path, "worktree", "list").trim().split("\n")).toHaveLength(3);
  const done = await at("/", "uninstall", "--yes");
  expect(done.status, done.stderr).toBe(0);
  expect(done.stdout).toMatch(/app-1: 1 commit.*checkout kept in .*preserved/);
  expect(done.stdout).toContain(`rm -rf ${box.home}`);
  expect(box.daemonPid()).toBeNull();
  expect(git(box.repo.path, "worktree", "list").trim().split("\n")).toHaveLength(1);
  expect(existsSync(join(box.repo.path, ".git/worktrees"))).toBe(false);
  const refs = git(box.repo.path, "for-each-ref", "--format=%(refname)").trim().split("\n");
  expect(refs).toEqual(["refs/heads/feat/1", "refs/heads/feat/2", "refs/heads/main"]);
  expect(readFileSync(join(box.repo.path, ".git/config"), "utf8")).toBe(config);
  git(box.repo.path, "branch", "-D", "feat/1", "feat/2");
});

it.each([
  ["as it was", "", ""],
  ["with the settings that the user has", "true", "[extensions]\n\tworktreeConfig = true\n"],
])(
  "uninstall removes what sparse checkouts, `worktreeDir` and CI left, and leaves the repository's config %s",
  async (_, own, part) => {
    box = new Sandbox({ files: { "src/a.txt": "a\n", ".gitignore": ".wt/\n" } });
    if (own !== "") git(box.repo.path, "config", "extensions.worktreeConfig", own);
    const project = `    sparse: [src]
    worktreeDir: .wt
    scm: { plugin: local, ciDir: ../ci, ci: [{ name: test, run: "true" }] }`;
    const config = readFileSync(join(box.repo.path, ".git/config"), "utf8");
    expect(config).toContain(part);
    const agentConfig = `{ command: sh, args: [-c, "echo hi > src/n; git add src; git commit -qm work"], lifetime: per-turn }`;
    box.configure({ project, agentConfig });
    await box.ao("trust");
    expect(await box.ao("spawn", "app", "1")).toMatchObject({ status: 0 });
    expect(await box.ao("spawn", "app", "2")).toMatchObject({ status: 0 });
    expect(readFileSync(join(box.repo.path, ".git/config"), "utf8")).toContain("worktreeConfig = true");
    await waitFor(async () => (await show("app-1")).pr?.ci === "passing", { timeoutMs: 30_000, what: "CI of app-1" });
    expect(readdirSync(join(box.dir, "ci"))).toHaveLength(1);
    expect(await box.ao("uninstall", "--yes")).toMatchObject({ status: 0 });
    expect(readFileSync(join(box.repo.path, ".git/config"), "utf8")).toBe(config);
    expect(existsSync(join(box.repo.path, ".wt"))).toBe(false);
    expect(readdirSync(join(box.dir, "ci"))).toEqual([]);
  },
);

it("a state folder that was deleted leaves locked worktree records, which doctor finds and removes", async () => {
  await begin();
  expect((await box.ao("stop", "--sessions", "--yes")).status).toBe(0);
  rmSync(box.home, { recursive: true });
  mkdirSync(box.home, { mode: 0o700 });
  expect(() => git(box.repo.path, "branch", "-D", "feat/1")).toThrow();
  await box.ao("trust");
  expect((await box.ao("doctor")).stdout).toContain("has a locked record of a worktree that is gone with its folder");
  expect((await box.ao("doctor", "--fix")).stdout).toContain("fixed: the record of");
  git(box.repo.path, "branch", "-D", "feat/1");
});

describe("projects of other folders", () => {
  const second = (): TempRepo => {
    const web = repoAt(join(box.dir, "web"), { ".ao/issues/1-x.md": "---\ntitle: X\nstate: open\n---\nx\n" });
    const text = readFileSync(join(box.repo.path, "agent-orchestrator.yaml"), "utf8");
    writeFileSync(join(web.path, "agent-orchestrator.yaml"), text.replace("  app:", "  shop-api:"));
    return web;
  };

  it("can be named from anywhere, and completion offers them", async () => {
    box = new Sandbox({ agentArgs: ["--idle"] });
    await box.ao("trust");
    const web = second();
    await at(web.path, "trust");
    for (const cwd of [box.repo.path, "/"]) {
      const dry = await at(cwd, "spawn", "shop-api", "1", "--dry-run");
      expect(dry.status, dry.stderr).toBe(0);
      expect(dry.stdout).toContain("sa-1 would start");
    }
    expect((await at("/", "complete", "project")).stdout).toBe("app\nshop-api\n");
    expect((await at("/", "issues", "shop-api")).stdout).toBe("#1  X\n");
    expect((await at("/", "issues", "nope")).status).toBe(78);
    await box.ao("spawn", "2");
    expect((await box.ao("issues")).stdout).toMatch(/^#1 {2}Task 1\n#2 {2}Task 2 {4}app-1\n#3 {2}Task 3\n$/);
    const twice = repoAt(join(box.dir, "again"));
    writeFileSync(join(twice.path, "agent-orchestrator.yaml"), readFileSync(join(web.path, "agent-orchestrator.yaml")));
    await at(twice.path, "trust");
    const both = await at("/", "spawn", "shop-api", "1", "--dry-run");
    expect(both.status).toBe(66);
    expect(both.stderr).toContain("in several configs");
  });

  it.each([
    ["without projects", "limits: { maxConcurrentSessions: 4 }\n"],
    ["with a project elsewhere", null],
  ])("an unconfigured repository gets the hint `ao init`, even with a user's config %s", async (_, userConfig) => {
    box = new Sandbox();
    const text = userConfig ?? `projects: { elsewhere: { path: ${box.repo.path} } }\n`;
    writeFileSync(join(box.home, "config.yaml"), text);
    const bare = repoAt(join(box.dir, "bare"));
    for (const args of [["spawn", "1"], ["spawn", "-p", "x"], ["trust"]]) {
      const answer = await at(bare.path, ...args);
      expect(answer.status, answer.stdout).toBe(78);
      expect(answer.stderr).toContain("ao init");
    }
  });
});
