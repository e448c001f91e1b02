import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { repoAt } from "@agent-orchestrator/testkit/temp-repo";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const starts = (id: string) =>
  box.agentEvents().filter(({ event, session }) => event === "start" && session === id).length;
/** An agent that counts as working for the whole test. */
const BUSY_MS = 600_000;
const show = (session: string) => box.json<SessionView>("show", session);
const pathOf = async (session: string) => (await box.ao("path", session)).stdout.trim();
const statuses = async () => (await box.json<SessionView[]>("status", "--all")).map(({ status }) => status);

it("keeps the queue in order when the daemon is killed, and says why each session waits", async () => {
  box = new Sandbox({ agentArgs: ["--idle"], quietMs: BUSY_MS, top: "limits: { maxConcurrentSessions: 1 }" });
  await box.ao("trust");
  const spawned = await box.ao("spawn", "app", "1", "2", "3");
  expect(spawned.status, spawned.stderr).toBe(0);
  expect(spawned.stdout).toContain("queued");
  expect(await statuses()).toEqual(["working", "queued", "queued"]);
  expect((await show("app-2")).queuedFor).toMatch(/1/);
  await box.kill9();
  expect(await statuses()).toEqual(["working", "queued", "queued"]);
  await box.ao("kill", "app-1");
  await waitFor(() => starts("app-2") === 1, { what: "the next in line" });
  expect(await statuses()).toEqual(["working", "queued", "killed"]);
  await box.ao("kill", "app-3");
  await box.ao("kill", "app-2");
  expect(await statuses()).toEqual(["killed", "killed", "killed"]);
  expect([starts("app-1"), starts("app-2"), starts("app-3")]).toEqual([1, 1, 0]);
});

it("has one limit for the machine, across all configs, which counts working agents", async () => {
  box = new Sandbox({
    agentArgs: ["--idle"],
    quietMs: BUSY_MS,
    userConfig: "limits: { maxConcurrentSessions: 2 }\n",
    top: "limits: { maxConcurrentSessions: 5 }",
  });
  const other = join(box.dir, "web");
  const web = repoAt(other, { ".ao/issues/1-x.md": "---\ntitle: X\nstate: open\n---\nx\n" });
  const text = readFileSync(join(box.repo.path, "agent-orchestrator.yaml"), "utf8");
  writeFileSync(
    join(web.path, "agent-orchestrator.yaml"),
    text.replace("  app:", "  web:").replace(/quietMs: \d+/, "quietMs: 300"),
  );
  await box.ao("trust");
  await box.aoWith({ cwd: web.path }, "trust");
  await box.ao("spawn", "app", "1");
  await box.aoWith({ cwd: web.path }, "spawn", "web", "1");
  await waitFor(async () => (await show("web-1")).activity?.state === "ready", { what: "an idle agent" });
  await box.ao("spawn", "app", "2");
  const third = await box.ao("spawn", "app", "3");
  expect(third.stdout).toContain("2 agents are working, and limits.maxConcurrentSessions is 2");
  expect((await box.ao("status")).stdout).toContain("2 of at most 2 agents working");
  expect((await box.ao("config", "validate")).stdout).toContain("5 is above the machine's limit of 2");
  writeFileSync(join(box.home, "config.yaml"), "limits: { maxConcurrentSessions: 3 }\n");
  await waitFor(() => starts("app-3") === 1, { timeoutMs: 15_000, what: "the larger limit, without a command" });
});

it("pauses sends and starts of a session, a project or everything until resumed, and says so first", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await waitFor(() => starts("app-1") === 1);
  const got = () => box.agentEvents().filter(({ event }) => event === "message").length;
  for (const target of ["app-1", "app", ""]) {
    const words = target === "" ? [] : [target];
    const before = got();
    expect((await box.ao("pause", ...words)).status).toBe(0);
    expect(
      (await box.ao("status")).stdout.split("\n").slice(0, 3).join("\n") + (await box.ao("status")).stdout,
    ).toContain("paused");
    const held = await box.ao("send", "app-1", `to ${target}`, "--no-wait", "--json");
    await waitFor(async () => (await show("app-1")).messages.at(-1)?.heldFor === "paused", { what: "a held message" });
    expect(held.status).toBe(0);
    const late = await box.ao("send", "app-1", "withdrawn", "--timeout", "200ms");
    expect(late.status).toBe(75);
    expect(got()).toBe(before);
    if (target === "app") {
      const spawned = await box.ao("spawn", "app", "2");
      expect(spawned.status).toBe(0);
      expect((await show("app-2")).status).toBe("queued");
    }
    expect((await box.ao("resume", ...words)).status).toBe(0);
    await waitFor(() => got() === before + 1, { what: "the message after the pause" });
  }
  await waitFor(() => starts("app-2") === 1, { what: "the start after the pause" });
  expect(box.agentEvents().some(({ text }) => text === "withdrawn")).toBe(false);
});

it("says which characters of a message were left out, and refuses a message that has no others", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await waitFor(() => starts("app-1") === 1);
  const sent = await box.ao("send", "app-1", "\ufeffpay \u202eevil\u202c me\u200b\u200b");
  expect(sent.stdout).toContain("5 characters were left out: U+FEFF, U+202E, U+202C, U+200B (2)\n");
  await waitFor(() => box.agentEvents().some(({ text }) => text === "pay evil me"), { what: "what is left" });
  const empty = await box.ao("send", "app-1", "\u200b\u2060");
  expect(empty).toMatchObject({ status: 64, stdout: "" });
  expect(empty.stderr).toContain("the message is empty: 2 characters were left out: U+200B, U+2060");
});

it("removes a session's checkout and restores every byte of it", async () => {
  box = new Sandbox({
    agentArgs: ["--idle"],
    files: { ".gitignore": "*.log\nnode_modules/\n", "a.txt": "a\n", "b.txt": "b\n" },
  });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  const worktree = await pathOf("app-1");
  const write = (file: string, text: string) => {
    mkdirSync(join(worktree, file, ".."), { recursive: true });
    writeFileSync(join(worktree, file), text);
  };
  write("a.txt", "a staged\n");
  box.repo.git("-C", worktree, "add", "a.txt");
  write("a.txt", "a staged\nand edited\n");
  write("b.txt", "b edited\n");
  write("new/untracked \u00fc.txt", "untracked\n");
  write("build.log", "ignored\n");
  write("run.sh", "#!/bin/sh\n");
  box.repo.git("-C", worktree, "update-index", "--chmod=+x", "--add", "run.sh");
  write("node_modules/x/index.js", "regenerable\n");
  const picture = () => [
    box.repo.git("-C", worktree, "status", "--porcelain=v2"),
    box.repo.git("-C", worktree, "diff", "--cached"),
    box.repo.git("-C", worktree, "diff"),
    readFileSync(join(worktree, "build.log"), "utf8"),
    readFileSync(join(worktree, "new/untracked \u00fc.txt"), "utf8"),
  ];
  const before = picture();
  const diff = await box.ao("diff", "app-1");
  for (const part of ["and edited", "b edited", "untracked"]) expect(diff.stdout).toContain(part);
  expect((await box.ao("kill", "app-1", "--rm")).status).toBe(73);
  const removed = await box.ao("kill", "app-1", "--rm", "--yes");
  expect(removed.status, removed.stderr).toBe(0);
  expect(existsSync(worktree)).toBe(false);
  expect(box.branches()).toEqual(["feat/1"]);
  expect(box.repo.git("log", "--all", "--oneline").trim().split("\n")).toHaveLength(1);
  expect((await show("app-1")).isArchived).toBe(true);
  const restored = await box.ao("restore", "app-1");
  expect(restored.status, restored.stderr).toBe(0);
  expect(await pathOf("app-1")).toBe(worktree);
  expect(picture()).toEqual(before);
  await waitFor(() => starts("app-1") === 2);
  const exec = await box.ao("exec", "app-1", "--", "sh", "-c", "echo $AO_SESSION_ID; pwd; exit 7");
  expect(exec).toMatchObject({ status: 7, stdout: `app-1\n${worktree}\n` });
});

it("cleans up automatically what is due, and keeps the work", async () => {
  box = new Sandbox({
    agentArgs: ["--own-file"],
    top: "cleanup: { merged: 1s, killed: 1s, done: 1d }",
    project: "    scm: { plugin: local, ci: [] }",
  });
  await box.ao("trust");
  await box.ao("spawn", "app", "1", "2", "3");
  for (const id of ["app-1", "app-2"])
    await box.get("wait", { session: id, until: ["review_pending"], timeoutMs: 20_000 });
  await box.ao("review", "app-1", "--approve");
  await box.get("wait", { session: "app-1", until: ["mergeable"], timeoutMs: 10_000 });
  expect((await box.ao("merge", "app-1", "--yes")).status).toBe(0);
  await box.asAgent("app-2", "echo precious > precious.txt");
  await box.ao("kill", "app-2");
  await waitFor(async () => box.worktrees().length === 1, { timeoutMs: 20_000, what: "the removal of what is due" });
  const left = await box.json<SessionView[]>("status");
  expect(left.map(({ id }) => id)).toEqual(["app-3"]);
  expect((await box.ao("cleanup", "--dry-run")).status).toBe(0);
  await box.ao("restore", "app-2");
  expect(readFileSync(join(await pathOf("app-2"), "precious.txt"), "utf8")).toBe("precious\n");
});

it("keeps what `ao set` wrote, and reverts a manual edit of the metadata and says so", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  expect((await box.ao("set", "app-1", "reviewer=ana = bob\n# x")).status).toBe(0);
  const project = readdirSync(box.home).find((name) => name.endsWith("-app")) ?? "";
  const file = join(box.home, project, "sessions/app-1");
  const text = await waitFor(() =>
    readFileSync(file, "utf8").includes("reviewer=") ? readFileSync(file, "utf8") : null,
  );
  expect(text.split("\n").filter((line) => line.startsWith("#"))).not.toContain("# x");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(file, `${text.replace(/^status=.*$/m, "status=merged")}mine=yes\n`);
  await waitFor(() => !readFileSync(file, "utf8").includes("mine=yes"), {
    timeoutMs: 15_000,
    what: "the edit put back",
  });
  expect((await show("app-1")).status).toBe("working");
  expect((await box.ao("status")).stdout).toContain("app-1 was edited by hand");
  await box.kill9();
  appendFileSync(file, "later=yes\n");
  expect((await box.ao("status")).status).toBe(0);
  await waitFor(() => !readFileSync(file, "utf8").includes("later=yes"), { timeoutMs: 15_000 });
  expect(readFileSync(file, "utf8")).toContain("reviewer=ana");
});

it("leases ports, shows the log of a postCreate that fails, and then starts no agent", async () => {
  const project = (more: string) =>
    `    ports: 3\n    postCreate: ['echo "port $AO_PORT of $AO_SESSION_ID" > ports.out', '${more}']\n    scm: { plugin: local }`;
  box = new Sandbox({ agentArgs: ["--idle"], project: project("true") });
  await box.ao("trust");
  await box.ao("spawn", "app", "1", "2");
  const lease = async (id: string) =>
    Number(/port (\d+) of/.exec(readFileSync(join(await pathOf(id), "ports.out"), "utf8"))?.[1]);
  const [one, two] = [await lease("app-1"), await lease("app-2")];
  expect(Math.abs(one - two)).toBeGreaterThanOrEqual(3);
  const ran = await box.asAgent("app-1", "echo $AO_PORT $AO_PORT_2 $AO_PROJECT_ID $AO_ISSUE_ID");
  expect(ran.stdout).toBe(`${one} ${one + 2} app 1\n`);

  box.configure({ agentArgs: ["--idle"], project: project("echo the-reason-why >&2; exit 3") });
  await box.ao("trust");
  const failed = await box.ao("spawn", "app", "3");
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain("the-reason-why");
  expect(failed.stderr.trimEnd().split("\n")).toHaveLength(2);
  expect(starts("app-3")).toBe(0);
  expect((await show("app-3")).status).toBe("errored");
  await box.ao("kill", "app-1", "--rm", "--yes");
  box.configure({ agentArgs: ["--idle"], project: project("true") });
  await box.ao("trust");
  const again = await box.ao("restore", "app-3");
  expect(again.status, again.stderr).toBe(0);
  await waitFor(() => starts("app-3") === 1, { what: "the agent, once it is fixed" });
});

it("applies a stricter config automatically, keeps the last valid one while it is broken, and affects no session", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  const file = join(box.repo.path, "agent-orchestrator.yaml");
  const good = readFileSync(file, "utf8");
  writeFileSync(file, `${good}nosuchkey: 1\n`);
  await waitFor(async () => (await box.ao("status")).stdout.includes("nosuchkey"), { what: "the broken edit, shown" });
  expect((await box.ao("spawn", "app", "2")).status).toBe(78);
  expect((await box.ao("send", "app-1", "run true")).status).toBe(0);
  expect((await box.ao("report", "working", "--session", "app-1")).status).toBe(0);
  // It counts as working until it has been quiet for half a second.
  await waitFor(async () => (await show("app-1")).activity?.state === "ready", { what: "an idle agent" });
  const limited = good.replace("defaults:", "limits: { maxConcurrentSessions: 1 }\ndefaults:");
  writeFileSync(file, limited.replace(/quietMs: \d+/, `quietMs: ${BUSY_MS}`));
  await waitFor(async () => !(await box.ao("status")).stdout.includes("nosuchkey"), { what: "the fixed edit" });
  await box.ao("spawn", "app", "2", "3");
  expect([(await show("app-2")).status, (await show("app-3")).status]).toEqual(["working", "queued"]);
  writeFileSync(file, good);
  expect((await box.ao("trust")).status).toBe(0);
  await waitFor(() => starts("app-3") === 1, { timeoutMs: 15_000, what: "the larger limit, once it is trusted" });
});

it("stops and restarts while agents run, and `stop --sessions` ends them", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1", "2");
  expect((await box.ao("stop")).status).toBe(0);
  expect(box.daemonPid()).toBeNull();
  expect((await box.ao("report", "waiting", "--session", "app-1")).status).toBe(0);
  expect((await box.ao("restart")).status).toBe(0);
  expect((await box.json<SessionView[]>("status")).every(({ pid }) => pid !== null)).toBe(true);
  expect((await box.ao("stop", "--sessions")).status).toBe(73);
  expect((await box.ao("stop", "--sessions", "--yes")).status).toBe(0);
  expect(await box.json("status")).toEqual([]);
  expect([starts("app-1"), starts("app-2")]).toEqual([1, 1]);
});
