import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import { launchConfig } from "@agent-orchestrator/testkit/contracts/agent";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { create } from "../index.ts";
import { nativeOf } from "./examine.ts";
import { readLaunch, writeThread } from "./record.ts";

/** The arguments of both programs, as they would be started. */
async function words(options: Record<string, unknown>, more: Partial<AgentLaunchConfig> = {}) {
  const launch = launchConfig({ environment: { HOME: tempDir("home") }, ...more });
  const spec = await create(options, pluginContext()).getLaunchSpec?.(launch);
  const [socket = "", log = "", program = "", count = "0", ...rest] = spec?.argv.slice(4) ?? [];
  return { launch, spec, socket, log, program, server: rest.slice(0, +count), terminal: rest.slice(+count) };
}

const setting = (list: string[], key: string): string | undefined =>
  list.find((word, at) => list[at - 1] === "-c" && word.startsWith(`${key}=`))?.slice(key.length + 1);

test.each([
  ["default", "workspace-write", "on-request", undefined],
  ["edits", "workspace-write", "on-request", '"user"'],
  ["auto", "workspace-write", "on-request", '"auto_review"'],
  ["skip", "danger-full-access", "never", undefined],
])("the mode %s is always passed to both programs", async (...row) => {
  const [permissions, sandbox, approval, reviewer] = row;
  const { server, terminal } = await words({ permissions });
  expect(setting(server, "sandbox_mode")).toBe(`"${sandbox}"`);
  expect(setting(server, "approval_policy")).toBe(`"${approval}"`);
  expect(setting(server, "approvals_reviewer")).toBe(reviewer);
  expect(setting(terminal, "sandbox_mode")).toBe(`"${sandbox}"`);
});

function linkedWorktree(): { repo: string; worktree: string } {
  const dir = realpathSync(tempDir("repo"));
  const [repo, worktree] = [join(dir, "app"), join(dir, "wt")];
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", repo, "-c", "user.name=x", "-c", "user.email=x@y", ...args]);
  execFileSync("git", ["init", "-q", repo]);
  git("commit", "-q", "--allow-empty", "-m", "first");
  git("worktree", "add", "-q", worktree);
  return { repo, worktree };
}

test("in a linked worktree the folders that a commit needs are writable, but nothing from which git would run programs", async () => {
  const { repo, worktree } = linkedWorktree();
  const { server } = await words({}, { workspacePath: worktree });
  const git = join(repo, ".git");
  const roots = JSON.parse(setting(server, "sandbox_workspace_write.writable_roots") ?? "[]");
  expect(roots.slice(0, -1)).toEqual([`${git}/objects`, `${git}/refs`, `${git}/logs`, `${git}/worktrees/wt`]);
  expect(roots.at(-1)).toMatch(/daemon\/spool$/);
  const { server: plain } = await words({ permissions: "default" }, { workspacePath: worktree });
  expect(setting(plain, "sandbox_workspace_write.writable_roots")).toBeUndefined();
});

test("the checkout of a trusted repository is trusted for this launch, and any other is asked about", async () => {
  const { repo, worktree } = linkedWorktree();
  const home = tempDir("home");
  mkdirSync(join(home, ".codex"));
  const of = async () => {
    const { server } = await words(
      {},
      { workspacePath: worktree, environment: { HOME: home }, projectConfig: projectConfig({ path: repo }) },
    );
    return setting(server, "projects");
  };
  expect(await of()).toBeUndefined();
  writeFileSync(join(home, ".codex/config.toml"), `[projects.${JSON.stringify(repo)}]\ntrust_level = "trusted"\n`);
  expect(await of()).toBe(`{${JSON.stringify(worktree)}={trust_level="trusted"}}`);
});

test("instructions go to the server, and the prompt to the terminal program after `--`", async () => {
  const instructions = { text: 'Never "stash".\nEver.', file: "/s/i.md" };
  const { server, terminal } = await words({}, { instructions, prompt: "-rf is no option" });
  expect(JSON.parse(setting(server, "developer_instructions") ?? "")).toContain(instructions.text);
  expect(terminal.slice(-2)).toEqual(["--", " -rf is no option"]);
  expect(terminal.join()).not.toContain("stash");
});

test("a prompt that is too long for one argument is named by its file", async () => {
  const long = "x".repeat(200_000);
  const { spec } = await words({}, { prompt: long, instructions: { text: long, file: "/s/i.md" } });
  expect(Math.max(...(spec?.argv ?? []).map((word) => word.length))).toBeLessThan(10_000);
  expect(spec?.argv.join("\n")).toContain("/s/i.md");
});

test("model, args and environment are the user's, and config changes go to both programs", async () => {
  const args = ["-c", "model_reasoning_effort=high", "--search", "--enable=goals"];
  const { server, terminal, spec } = await words({ model: "gpt-x", args, env: { MY_KEY: "1" } });
  expect(setting(server, "model")).toBe('"gpt-x"');
  expect(server.slice(-3)).toEqual(["-c", "model_reasoning_effort=high", "--enable=goals"]);
  for (const word of args) expect(terminal).toContain(word);
  expect(spec?.env).toEqual({ MY_KEY: "1" });
});

test("a resume names the conversation, overrides no permission in the terminal, and carries the message", async () => {
  const resume = { agentSessionId: "01-abc", message: "go on" };
  const { terminal, server, launch } = await words({}, { resume, launch: 2 });
  expect(terminal.slice(-4)).toEqual(["resume", "01-abc", "--", "go on"]);
  expect(setting(terminal, "sandbox_mode")).toBeUndefined();
  expect(setting(server, "sandbox_mode")).toBe('"workspace-write"');
  expect(readLaunch(launch.sessionDir)).toMatchObject({ launch: 2, resumes: "01-abc", beginsTurn: true });
  const quiet = await words({}, { resume: { agentSessionId: "01-abc" } });
  expect(quiet.terminal.slice(-2)).toEqual(["resume", "01-abc"]);
  expect(quiet.spec?.promptDelivered).toBe(true);
});

test("an unknown conversation cannot be continued, and one of another folder is refused", async () => {
  const unknown = await words({}, { resume: { agentSessionId: null, message: "go on" } });
  expect(unknown.spec).toBe(null);
  const launch = launchConfig({ resume: { agentSessionId: "01-abc" } });
  writeThread(launch.sessionDir, { id: "01-abc", cwd: "/elsewhere", path: null, model: null, summary: null });
  await expect(create({}).getLaunchSpec?.(launch)).rejects.toMatchObject({ code: "REFUSED" });
  const { workspacePath: cwd, sessionDir } = launch;
  const path = join(sessionDir, "rollout.jsonl");
  writeThread(sessionDir, { id: "01-abc", cwd, path, model: null, summary: null });
  expect(await create({}).getLaunchSpec?.(launch), "its record is gone").toBe(null);
  writeFileSync(`${path}.zst`, "");
  expect(await create({}).getLaunchSpec?.(launch)).not.toBe(null);
});

test("each launch has its own socket, short enough for every system", async () => {
  const first = await words({}, { sessionId: "a".repeat(60), launch: 1 });
  const second = await words({}, { sessionId: "a".repeat(60), launch: 2 });
  expect(first.socket).not.toBe(second.socket);
  for (const { socket } of [first, second]) expect(Buffer.byteLength(`${socket}.pipe`)).toBeLessThan(104);
});

test("npm's wrapper is skipped for its native program, and any other program is started directly", () => {
  const modules = tempDir("modules");
  const wrapper = join(modules, "@openai/codex/bin/codex.js");
  const native = join(modules, "@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex");
  for (const path of [wrapper, native]) {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, "", { mode: 0o755 });
  }
  const program = join(modules, "codex");
  symlinkSync(wrapper, program);
  expect(nativeOf(program, "linux-x64")).toBe(realpathSync(native));
  expect(nativeOf(program, "plan9-x64")).toBe(program);
  expect(nativeOf(native, "linux-x64")).toBe(native);
  expect(nativeOf(join(modules, "gone"), "linux-x64")).toBe(join(modules, "gone"));
});

test("every problem of the config is reported at once, with the valid keys", () => {
  const bad = () => create({ permision: "edits", permissions: "all", allow: [""], env: { "1x": "" } });
  expect(bad).toThrow(expect.objectContaining({ code: "CONFIG" }));
  expect(bad).toThrow(/permision.*|permissions.*allow.*env/s);
});

test("a missing program is reported before anything is created", async () => {
  const check = { agentConfig: {}, env: { PATH: tempDir("empty") } };
  await expect(create({}).preflight?.(check)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  expect(await create({ permissions: "skip" }).examine?.(check)).toMatchObject([{ level: "error" }]);
});

test.each([
  ["codex-cli 0.171.0", "ok"],
  ["codex-cli 1.0.0", "warning"],
  ["what?", "warning"],
])("doctor: a program that says %j is %s", async (said, level) => {
  const dir = tempDir("bin");
  writeFileSync(join(dir, "codex"), `#!/bin/sh\necho '${said}'\n`, { mode: 0o755 });
  const env = { HOME: dir, PATH: `${dir}:/usr/bin:/bin` };
  mkdirSync(join(dir, ".codex"));
  writeFileSync(join(dir, ".codex/auth.json"), "{}");
  const findings = await create({}).examine?.({ agentConfig: { permissions: "skip" }, env });
  expect(findings?.map((finding) => finding.level)).toEqual([level, "warning"]);
});
