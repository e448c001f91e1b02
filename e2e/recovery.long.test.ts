import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, describe, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";
import { someOf } from "./support/tier.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const starts = () => box.agentEvents().filter(({ event }) => event === "start").length;
const messages = () => box.agentEvents().filter(({ event }) => event === "message").length;

async function untilSettled(): Promise<void> {
  await waitFor(
    async () => {
      const sessions = await box.get("status", { all: true });
      const explained = await Promise.all(sessions.map(({ id }) => box.get("explain", { session: id })));
      return explained.every(({ pending }) => pending.length === 0);
    },
    { timeoutMs: 10_000, what: "no effect in progress" },
  );
}

const SPAWN_POINTS = [
  "commit.before",
  "commit.after",
  "start.before-workspace",
  "start.after-workspace",
  "start.after-set-up",
  "start.before-runtime",
  "start.after-runtime",
];

const END_POINTS = [
  "stop.before",
  "stop.after",
  "remove.after-preserve",
  "remove.moved-aside",
  "remove.forgotten",
  "remove.after-destroy",
];

describe("a daemon killed in the middle of a spawn", () => {
  it.each(someOf(SPAWN_POINTS))("at %s leaves one session, one worktree, one branch and one agent", async (point) => {
    box = new Sandbox();
    await box.start();
    await box.trust();
    await box.kill9();
    await box.start({ AO_FAILPOINT: point });
    const first = await box.ask("spawn", { words: ["app", "1"] }, "wish-1");
    expect(first).toMatchObject({ ok: false, error: null });
    await box.died();
    await box.start();
    const again = await box.ask("spawn", { words: ["app", "1"] }, "wish-1");
    expect(again.ok, JSON.stringify(again)).toBe(true);
    await waitFor(() => starts() > 0, { what: "the agent's start" });
    await untilSettled();
    expect(starts()).toBe(1);
    expect(box.worktrees()).toHaveLength(1);
    expect(box.branches()).toEqual(["feat/1"]);
    expect((await box.get("status", { all: true })).map(({ id }) => id)).toEqual(["app-1"]);
    expect(
      box
        .tmux("list-sessions", "-F", "#{session_name}")
        .split("\n")
        .filter((name) => name.endsWith("app-1")),
    ).toHaveLength(1);
  });
});

describe("a daemon killed in the middle of a message", () => {
  it.each(["deliver.before", "deliver.after"])("at %s delivers it once", async (point) => {
    box = new Sandbox({ agentArgs: ["--idle"] });
    await box.start();
    await box.trust();
    await box.get("spawn", { words: ["app", "1"] });
    await waitFor(() => starts() === 1);
    await box.kill9();
    await box.start({ AO_FAILPOINT: point });
    await box.ask("send", { session: "app-1", text: "hello; #{pid} $(touch canary)" }, "message-1");
    await box.died();
    await box.start();
    await waitFor(() => messages() > 0, { what: "the message at the agent" });
    await untilSettled();
    expect(messages()).toBe(1);
    expect(box.agentEvents().at(-1)?.text).toBe("hello; #{pid} $(touch canary)");
    expect(starts()).toBe(1);
  });
});

describe("a daemon killed in the middle of a merge", () => {
  it.each(["merge.before", "merge.after", "close-issue.before"])("at %s merges once", async (point) => {
    box = new Sandbox();
    await box.start();
    await box.trust();
    await box.get("spawn", { words: ["app", "1"] });
    await box.get("wait", { session: "app-1", until: ["review_pending"], timeoutMs: 30_000 });
    await box.get("review", { session: "app-1", state: "approved" });
    await box.get("wait", { session: "app-1", until: ["mergeable"], timeoutMs: 10_000 });
    await box.kill9();
    await box.start({ AO_FAILPOINT: point });
    await box.ask("merge", { session: "app-1", isConfirmed: true });
    await box.died();
    await box.start();
    const merged = await box.get("wait", { session: "app-1", until: ["merged"], timeoutMs: 10_000 });
    expect(merged.pr?.state).toBe("merged");
    await untilSettled();
    expect(box.repo.git("log", "--merges", "--oneline", "main").trim().split("\n")).toHaveLength(1);
    await waitFor(() => box.repo.git("status", "--porcelain").includes(".ao/issues/1-task-1.md"), {
      what: "the issue closed, uncommitted",
    });
  });
});

describe("a daemon killed in the middle of a removal", () => {
  it.each(someOf(END_POINTS))("at %s keeps the work and finishes", async (point) => {
    box = new Sandbox();
    await box.start();
    await box.trust();
    await box.get("spawn", { words: ["app", "1"] });
    await box.get("wait", { session: "app-1", until: ["review_pending"], timeoutMs: 30_000 });
    const { workspacePath } = await box.get("show", { session: "app-1" });
    writeFileSync(join(workspacePath ?? "", "uncommitted.txt"), "not committed\n");
    await box.kill9();
    await box.start({ AO_FAILPOINT: point });
    await box.ask("kill", { sessions: ["app-1"], remove: true, isConfirmed: true });
    await box.died();
    await box.start();
    await waitFor(async () => (await box.get("show", { session: "app-1" })).isArchived, {
      what: "the archived session",
    });
    expect(box.worktrees()).toEqual([]);
    const restored = await box.get("restore", { session: "app-1" });
    expect(readFileSync(join(restored.workspacePath ?? "", "uncommitted.txt"), "utf8")).toBe("not committed\n");
    expect(box.repo.git("show", "feat/1:work.txt")).toContain("prompt");
  });
});

it("adopts agents that keep running after the daemon was killed", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.start();
  await box.trust();
  await box.get("spawn", { words: ["app", "1", "2", "3"] });
  await waitFor(() => starts() === 3);
  await box.kill9();
  const began = performance.now();
  await box.start();
  const sessions = await box.get("status", {});
  process.stdout.write(`adopted 3 agents in ${Math.round(performance.now() - began)} ms\n`);
  expect(sessions.map(({ status }) => status)).toEqual(["working", "working", "working"]);
  await box.get("send", { session: "app-2", text: "still there?" });
  await waitFor(() => messages() === 1);
  expect(starts()).toBe(3);
});

it("shows killed with the reason when the tmux server is killed, and restores", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.start();
  await box.trust();
  await box.get("spawn", { words: ["app", "1", "2"] });
  await waitFor(() => starts() === 2);
  box.tmux("kill-server");
  for (const id of ["app-1", "app-2"]) await box.get("wait", { session: id, until: ["killed"], timeoutMs: 10_000 });
  const shown = await box.get("status", {});
  expect(shown.map(({ group }) => group)).toEqual(["needs-you", "needs-you"]);
  expect(shown[0]?.attention?.reason).toContain("tmux");
  await box.get("restore", { session: "app-1" });
  await waitFor(() => starts() === 3);
  expect((await box.get("show", { session: "app-1" })).status).toBe("working");
});
