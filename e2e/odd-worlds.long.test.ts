import { spawn } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { AO, Sandbox } from "./support/sandbox.ts";
import { untidy } from "./support/tidy.ts";
import { figure, rounds } from "./support/tier.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const starts = () => box.agentEvents().filter(({ event }) => event === "start").length;
const got = (text: string) => box.agentEvents().filter((event) => event.text === text).length;
const show = (session: string) => box.json<SessionView>("show", session);

it("commands about a session work from any folder, and without the config that it was started with", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await waitFor(() => starts() === 1);
  const anywhere = (...args: string[]) => box.aoWith({ cwd: "/" }, ...args);
  expect((await anywhere("send", "app-1", "from the root")).status).toBe(0);
  expect((await anywhere("show", "#1")).status).toBe(0);
  const config = join(box.repo.path, "agent-orchestrator.yaml");
  renameSync(config, `${config}.away`);
  for (const args of [
    ["show", "app-1"],
    ["status"],
    ["explain", "app-1"],
    ["path", "app-1"],
    ["pause", "app-1"],
    ["resume", "app-1"],
  ]) {
    const answer = await anywhere(...args);
    expect(answer.status, `${args.join(" ")}: ${answer.stderr}`).toBe(0);
  }
  const killed = await anywhere("kill", "app-1");
  expect(killed.status, killed.stderr).toBe(0);
  await box.kill9();
  expect((await anywhere("status")).status).toBe(0);
  renameSync(`${config}.away`, config);
  expect((await anywhere("restore", "app-1")).status).toBe(0);
});

it("a checkout removed by hand is one clear failure, and its session can be ended, removed and restored", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1", "2");
  await waitFor(() => starts() === 2);
  const [one, two] = [(await show("app-1")).workspacePath ?? "", (await show("app-2")).workspacePath ?? ""];
  rmSync(one, { recursive: true });
  rmSync(two, { recursive: true });
  for (const args of [["status"], ["show", "app-1"], ["explain", "app-1"]]) {
    expect((await box.ao(...args)).status).toBe(0);
  }
  expect((await box.ao("status")).stdout).toMatch(/! the folder of app-1 is gone/);
  const diff = await box.ao("diff", "app-1");
  expect([1, 66, 69, 78], diff.stderr).toContain(diff.status);
  expect(diff.stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(2);
  expect((await box.ao("kill", "app-1")).status).toBe(0);
  const restored = await box.ao("restore", "app-1");
  expect(restored.status, restored.stderr).toBe(0);
  expect(existsSync(join(one, ".git"))).toBe(true);
  const removed = await box.ao("kill", "app-2", "--rm", "--yes");
  expect(removed.status, removed.stderr).toBe(0);
  expect((await show("app-2")).isArchived).toBe(true);
});

it("a secret in the environment reaches the agent, but no file, argument or output", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  const secret = `canary-${process.pid}-s3cret`;
  const env = { SOME_API_KEY: secret };
  await box.aoWith({ env }, "trust");
  await box.aoWith({ env }, "spawn", "app", "1");
  await waitFor(() => starts() === 1);
  expect((await box.asAgent("app-1", 'test -n "$SOME_API_KEY" && echo has it')).stdout).toBe("has it\n");
  const search = (dir: string): string[] =>
    readdirSync(dir).flatMap((name) => {
      const path = join(dir, name);
      const stat = lstatSync(path);
      if (stat.isDirectory()) return search(path);
      return stat.isFile() && readFileSync(path).includes(secret) ? [path] : [];
    });
  expect(search(box.home)).toEqual([]);
  const argv = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(secret);
      } catch {
        return false; // it ended meanwhile
      }
    });
  expect(argv).toEqual([]);
  for (const args of [["show", "app-1", "--json"], ["config", "show"], ["events", "--all", "-n", "1000"], ["logs"]]) {
    expect((await box.ao(...args)).stdout).not.toContain(secret);
  }
});

it("everything below the state folder is private to its owner, whatever the umask", async () => {
  box = new Sandbox({ agentArgs: ["--own-file"] });
  const before = process.umask(0);
  try {
    await box.ao("trust");
    await box.ao("spawn", "app", "1");
    await box.get("wait", { session: "app-1", until: ["ci_failed"], timeoutMs: 20_000 });
    await box.ao("send", "app-1", "x".repeat(5_000));
  } finally {
    process.umask(before);
  }
  const open = (dir: string): string[] =>
    readdirSync(dir).flatMap((name) => {
      const path = join(dir, name);
      const stat = lstatSync(path);
      if (stat.isSymbolicLink() || path.endsWith("/worktrees") || path.includes("/scm/ci/checkout")) return [];
      const wrong = (stat.mode & 0o077) !== 0 ? [`${path} ${(stat.mode & 0o777).toString(8)}`] : [];
      return stat.isDirectory() ? [...wrong, ...open(path)] : wrong;
    });
  expect(open(box.home)).toEqual([]);
});

it("a daemon that is stopped for a while declares no agent dead and repeats nothing", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1", "2");
  await waitFor(() => starts() === 2);
  const pid = box.daemonPid() ?? 0;
  const stillMs = rounds(4_000, 30_000);
  process.kill(pid, "SIGSTOP");
  const sending = box.ao("send", "app-1", "sent while it stood still");
  const status = box.aoWith({ timeoutMs: 60_000 }, "status", "--json");
  await sleep(stillMs);
  process.kill(pid, "SIGCONT");
  for (const answer of [await sending, await status]) {
    expect(answer.status).toBe(69);
    expect(answer.stderr + answer.stdout).toContain(String(pid));
  }
  expect((await box.ao("send", "app-1", "sent afterwards")).status).toBe(0);
  await waitFor(() => got("sent afterwards") === 1);
  expect(got("sent while it stood still")).toBe(0);
  expect((await box.json<SessionView[]>("status")).map(({ status }) => status)).toEqual(["working", "working"]);
  expect(box.daemonPid()).toBe(pid);
  expect(starts()).toBe(2);
  figure(`daemon still for ${stillMs} ms: 0 agents declared dead, nothing sent that was refused`);
});

it("an `ao spawn` that is interrupted leaves a complete session or none", async () => {
  box = new Sandbox({ agentArgs: ["--idle"], issues: 6 });
  await box.ao("trust");
  for (const [at, afterMs] of [150, 250, 350, 450].entries()) {
    const child = spawn(process.execPath, [AO, "spawn", "app", String(at + 1)], { cwd: box.repo.path, env: box.env });
    const ended = new Promise((resolve) => child.once("close", resolve));
    await sleep(afterMs);
    child.kill("SIGINT");
    await ended;
  }
  await waitFor(async () => (await untidy(box)).length === 0, { what: "a tidy world" });
  const statuses = async () => (await box.json<SessionView[]>("status", "--all")).map(({ status }) => status);
  await waitFor(async () => !(await statuses()).includes("spawning"), { what: "an end of the spawns" });
  const sessions = await statuses();
  await waitFor(() => starts() === sessions.length);
  expect(sessions.filter((status) => status !== "working")).toEqual([]);
});

it("when the tmux server is killed, every session says why, no other tmux is touched, and all are restored", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1", "2", "3");
  await waitFor(() => starts() === 3);
  const server = Number(box.tmux("display-message", "-p", "#{pid}"));
  process.kill(server, "SIGKILL");
  for (const n of [1, 2, 3]) await box.get("wait", { session: `app-${n}`, until: ["killed"], timeoutMs: 10_000 });
  const status = await box.ao("status");
  expect(status.stdout).toContain("Needs you (3)");
  for (const n of [1, 2, 3]) {
    const restored = await box.ao("restore", `app-${n}`);
    expect(restored.status, restored.stderr).toBe(0);
  }
  await waitFor(() => starts() === 6);
  expect(await untidy(box)).toEqual([]);
});
