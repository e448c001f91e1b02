import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

const PLUGIN = join(import.meta.dirname, "support/asking-agent.mjs");
const TOKEN = "tok-0123456789-abcdef";

let box: Sandbox;
beforeEach(async () => {
  box = new Sandbox({
    top: `plugins:\n  - path: ${PLUGIN}\nagents:\n  careful: { plugin: asking, permissions: skip, env: { SERVICE_TOKEN: "\${E2E_TOKEN}" } }`,
  });
  await box.start({ E2E_TOKEN: TOKEN });
  expect((await ao("trust", "--yes")).status).toBe(0);
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const ao = (...args: string[]) => box.aoWith({ env: { E2E_TOKEN: TOKEN } }, ...args);
const show = () => box.json<SessionView>("show", "app-1");
const given = () => box.agentEvents().flatMap((line) => (line as { given?: Given }).given ?? []);
interface Given {
  prompt: string;
  instructions: string;
  isResumed: boolean;
}

function filesWith(text: string, dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("worktrees"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file, "utf8").includes(text));
}

it("lets another agent continue in the same checkout, and then a third one", async () => {
  await ao("spawn", "app", "1");
  await waitFor(async () => (await show()).pr !== null, { timeoutMs: 20_000, what: "the pull request" });
  const before = await show();

  const handed = await ao("handoff", "app-1", "--agent", "careful", "-m", "Mind the tests.");
  expect(handed, handed.stderr).toMatchObject({ status: 0, stdout: expect.stringContaining("app-1 now runs careful") });
  const after = await show();
  expect(after).toMatchObject({
    agent: "careful",
    formerAgents: ["command"],
    branch: before.branch,
    workspacePath: before.workspacePath,
    permissions: "skip",
  });
  expect(after.pr?.number).toBe(before.pr?.number);
  const [first] = given();
  expect(first?.isResumed).toBe(false);
  expect(first?.instructions).toContain("You are the agent of session app-1");
  expect(first?.prompt).toMatch(/^You take this task over from another agent \(command\)/);
  for (const part of ["> Please do task 1.", "Your task: resolve", "The user adds:\nMind the tests.", "work.txt (+"]) {
    expect(first?.prompt).toContain(part);
  }

  // The variant's environment reaches its program, but no file that is kept for longer.
  expect(readFileSync(`/proc/${after.pid}/environ`, "utf8")).toContain(`SERVICE_TOKEN=${TOKEN}`);
  expect(readFileSync(`/proc/${after.pid}/cmdline`, "utf8")).not.toContain(TOKEN);
  expect(
    filesWith(TOKEN, box.home).filter((file) => !/\/(tmux|process)[^/]*\/|\.launch|\/runtime-/.test(file)),
  ).toEqual([]);
  expect((await ao("config", "show")).stdout).not.toContain(TOKEN);

  const prompts = await ao("show", "app-1", "--prompt");
  expect(prompts.stdout).toContain("── instructions, at every start ──");
  expect(prompts.stdout).toContain("── handoff, start 2 ──\nYou take this task over");
  const status = await ao("status");
  expect(status.stdout).toContain("never asks");

  await waitFor(async () => (await show()).status === "needs_input", { what: "its question" });
  const back = await ao("handoff", "app-1", "--agent", "command");
  expect(back.status, back.stderr).toBe(0);
  expect(await show()).toMatchObject({ agent: "command", formerAgents: ["command", "careful"], question: null });
  const brief = (await ao("show", "app-1", "--prompt")).stdout.split("── handoff, start 3 ──")[1] ?? "";
  expect(brief).toContain("> agent: I asked about make clean");
  expect(brief).toContain("You are the agent of session app-1");
});

it("checks the new agent before it stops the old one", async () => {
  await ao("spawn", "app", "1");
  const { pid } = await show();
  expect(await ao("handoff", "app-1")).toMatchObject({ status: 64 });
  expect(await ao("handoff", "app-9", "--agent", "careful")).toMatchObject({ status: 66 });
  const unknown = await ao("handoff", "app-1", "--agent", "carefull");
  expect(unknown).toMatchObject({ status: 66, stderr: expect.stringContaining("did you mean `careful`?") });
  expect(await ao("handoff", "app-1", "--agent", "command")).toMatchObject({ status: 73 });
  expect((await show()).pid).toBe(pid);
});

it("looks for the new agent's program where its launch would, before it stops the old one", async () => {
  const bin = join(box.dir, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "some-agent"), "#!/bin/sh\nexec sleep 60\n", { mode: 0o755 });
  box.configure({ top: "agents: { other: { plugin: acp, command: some-agent } }" });
  const withIt = { env: { PATH: `${bin}:${box.env.PATH}` } };
  await box.aoWith(withIt, "trust", "--yes");
  await box.aoWith(withIt, "spawn", "app", "1");
  const { pid } = await show();
  await box.get("send", { session: "app-1", text: "stays", isWaiting: false });
  const handed = await box.ao("handoff", "app-1", "--agent", "other");
  expect(handed).toMatchObject({
    status: 69,
    stderr: expect.stringMatching(/some-agent was not found.*hint: Install/s),
  });
  expect(await show()).toMatchObject({ agent: "command", pid, formerAgents: [] });
  const spawned = await box.ao("spawn", "app", "2", "--agent", "other");
  expect(spawned).toMatchObject({ status: handed.status, stderr: handed.stderr });
});

it("continues a session that was killed", async () => {
  await ao("spawn", "app", "1");
  await ao("kill", "app-1");
  const handed = await ao("handoff", "app-1", "--agent", "careful");
  expect(handed.status, handed.stderr).toBe(0);
  expect(await show()).toMatchObject({ agent: "careful", formerAgents: ["command"] });
});

it("makes doctor check each agent that the config names", async () => {
  const { stdout } = await ao("doctor");
  expect(stdout).toContain("agent careful (asking): asking 1.2, not tried with this version (permissions: skip)");
  expect(stdout).toContain("agent careful (asking): it never asks for permission (permissions: skip)");
  expect(stdout).toContain("agent command: ");
  box.configure({ top: "agents: { careful: { plugin: comand } }" });
  await ao("trust", "--yes");
  const checked = await ao("config", "validate");
  expect(checked).toMatchObject({ status: 78, stderr: expect.stringContaining("agents.careful.plugin") });
  expect(checked.stderr).toContain("did you mean `command`?");
});
