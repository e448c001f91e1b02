import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import type { Agent, AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Session } from "@agent-orchestrator/core/slots/common";
import { startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { launchConfig } from "@agent-orchestrator/testkit/contracts/agent";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, onTestFinished, test } from "vitest";
import { create } from "./index.ts";
import { placesIn, readNote } from "./launch-note.ts";
import { transcriptPath } from "./places.ts";
import { statusPath } from "./status-file.ts";

const now = () => systemClock.now();
const iso = (ms = now()) => new Date(ms).toISOString();

/** A process that stands for Claude Code, with the files that it would keep. */
class Stage {
  readonly agent: Agent = create();
  readonly facts: AgentFact[] = [];
  readonly keys: string[] = [];
  rows: string[] = ["─".repeat(20), "❯\u00a0", "─".repeat(20)];
  readonly session: Session;
  readonly id: string;
  readonly #program: ChildProcess;
  readonly configDir: string;

  static async open(): Promise<Stage> {
    const home = tempDir("ao-claude-home");
    const config = launchConfig({ environment: { HOME: home, PATH: "/usr/bin:/bin" } });
    await create().getLaunchSpec?.(config);
    return new Stage(config.sessionDir, join(home, ".claude"));
  }

  constructor(sessionDir: string, configDir: string) {
    this.configDir = configDir;
    this.#program = spawn("sleep", ["600"], { stdio: "ignore" });
    onTestFinished(() => void this.#program.kill("SIGKILL"));
    const pid = this.#program.pid ?? 0;
    const note = readNote(sessionDir);
    this.id = note?.conversation ?? "";
    const handle = { id: "x", runtimeName: "x", data: { pid, startId: startIdOf(pid) } };
    this.session = pluginSession({ sessionDir, runtimeHandle: handle, workspacePath: note?.cwd ?? null });
  }

  get terminal(): AgentTerminal {
    return {
      screen: async () => ({ rows: this.rows, styledRows: null, cursor: null, title: null }),
      write: async () => undefined,
      press: async (keys) => void this.keys.push(...keys.map((key) => (typeof key === "string" ? key : key.char))),
    };
  }

  async observe(session = this.session) {
    const observation = await this.agent.observe?.(session, (fact) => void this.facts.push(fact), {
      terminal: this.terminal,
    });
    onTestFinished(async () => observation?.stop());
    return observation;
  }

  status(status: string, waitingFor?: string): void {
    const pid = this.#program.pid ?? 0;
    const path = statusPath(this.configDir, pid);
    mkdirSync(dirname(path), { recursive: true });
    const procStart = /:(\d+)$/.exec(startIdOf(pid) ?? "")?.[1];
    const file = { pid, sessionId: this.id, procStart, version: "2.1.332", status, statusUpdatedAt: now() };
    writeFileSync(path, JSON.stringify({ ...file, ...(waitingFor === undefined ? {} : { waitingFor }) }));
  }

  /** Runs a hook as the program would: its settings' own command, in a shell. */
  hook(event: string, payload: Record<string, unknown> = {}): ChildProcess {
    const settings = JSON.parse(readFileSync(placesIn(this.session.sessionDir).settings, "utf8"));
    const command: string =
      event === "StatusLine" ? settings.statusLine.command : settings.hooks[event][0].hooks[0].command;
    const input = JSON.stringify({ session_id: this.id, hook_event_name: event, ...payload });
    if (event !== "PermissionRequest") {
      spawnSync("sh", ["-c", command], { input });
      return this.#program;
    }
    const shell = spawn("sh", ["-c", command], { stdio: ["pipe", "pipe", "ignore"] });
    onTestFinished(() => void shell.kill("SIGKILL"));
    shell.stdin.end(input);
    return shell;
  }

  line(value: Record<string, unknown>): void {
    const path = transcriptPath(this.configDir, readNote(this.session.sessionDir)?.cwd ?? "", this.id);
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, `${JSON.stringify({ timestamp: iso(), sessionId: this.id, ...value })}\n`);
  }

  async until(state: string) {
    const last = () => this.facts.filter((fact) => fact.kind === "activity").at(-1)?.activity;
    return waitFor(() => (last()?.state === state ? last() : null), { what: `the activity ${state}` });
  }

  kinds(kind: AgentFact["kind"]) {
    return this.facts.filter((fact) => fact.kind === kind);
  }
}

const user = (text: string) => ({ type: "user", message: { role: "user", content: text } });
const usage = { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 2, cache_creation_input_tokens: 1 };
const answer = (id: string, block: unknown) => ({
  type: "assistant",
  message: { id, model: "m", content: [block], usage, stop_reason: "end_turn" },
});

test("a whole turn: taken, at work, at rest, with what it used", async () => {
  const stage = await Stage.open();
  await stage.observe();
  stage.status("idle");
  stage.hook("UserPromptSubmit", { prompt: "Fix issue 42." });
  stage.status("busy");
  await stage.until("active");
  stage.line(user("Fix issue 42."));
  stage.line(answer("m1", { type: "text", text: "done" }));
  stage.line(answer("m1", { type: "tool_use", id: "t", name: "Bash", input: { command: "git commit -qm x" } }));
  stage.line({ type: "user", message: { content: [{ type: "tool_result", tool_use_id: "t" }] } });
  stage.hook("StatusLine", { cost: { total_cost_usd: 0.25 } });
  stage.hook("Stop", { background_tasks: [{ type: "shell", description: "a dev server" }] });
  stage.status("idle");
  await stage.until("ready");
  await waitFor(() => JSON.stringify(stage.kinds("activity").at(-1)).includes("left running: a dev server"));
  await waitFor(() => stage.kinds("repository-changed").length === 1);
  await waitFor(() => stage.kinds("turn-ended").length === 1);
  expect(stage.kinds("accepted")).toMatchObject([{ text: "Fix issue 42." }]);
  const models = [{ model: "m", tokens: { input: 10, output: 5, cacheRead: 2, cacheWrite: 1 }, usd: 0.25 }];
  await waitFor(() => stage.kinds("usage").length > 0);
  expect(stage.kinds("usage").at(-1)).toMatchObject({ usage: { key: stage.id, models } });
  expect(stage.kinds("info").at(-1)).toMatchObject({ info: { agentSessionId: stage.id } });
});

test("a request is answered through its own hook, exactly once", async () => {
  const stage = await Stage.open();
  await stage.observe();
  stage.status("busy");
  const tool = { tool_name: "Bash", tool_input: { command: "npm publish" }, permission_suggestions: [] };
  const hook = stage.hook("PermissionRequest", tool);
  stage.status("waiting", "permission prompt");
  const { dialog } = (await stage.until("waiting_input")) ?? {};
  expect(dialog).toMatchObject({ kind: "permission", text: "Bash: npm publish", choices: ["Yes", "No"] });
  const said = once(hook.stdout ?? hook, "data") as Promise<[Buffer]>;
  const how = { terminal: stage.terminal, dialog: dialog as NonNullable<typeof dialog>, number: 1, isAlways: false };
  await stage.agent.answer?.(stage.session, "Yes", how);
  expect(JSON.parse(String((await said)[0])).hookSpecificOutput).toMatchObject({ decision: { behavior: "allow" } });
  await expect(stage.agent.answer?.(stage.session, "Yes", how)).rejects.toMatchObject({ code: "REFUSED" });
  stage.status("busy");
  await stage.until("active");
  expect(stage.keys).toEqual([]);
});

test.each([
  { what: "a choice of a question", number: 2, choice: "SQLite", answers: { "Which?": "SQLite" } },
  { what: "words for a question", number: null, choice: "neither", answers: { "Which?": "neither" } },
])("$what", async ({ number, choice, answers }) => {
  const stage = await Stage.open();
  await stage.observe();
  const questions = [{ question: "Which?", options: [{ label: "Postgres" }, { label: "SQLite" }] }];
  const hook = stage.hook("PermissionRequest", { tool_name: "AskUserQuestion", tool_input: { questions } });
  stage.status("waiting", "input needed");
  const { dialog } = (await stage.until("waiting_input")) ?? {};
  expect(dialog).toMatchObject({ kind: "question", text: "Which?", choices: ["Postgres", "SQLite"], takesText: true });
  const said = once(hook.stdout ?? hook, "data") as Promise<[Buffer]>;
  const how = { terminal: stage.terminal, dialog: dialog as NonNullable<typeof dialog>, number, isAlways: false };
  await stage.agent.answer?.(stage.session, choice, how);
  expect(JSON.parse(String((await said)[0])).hookSpecificOutput.decision.updatedInput.answers).toEqual(answers);
});

test("answered in the terminal: the hook is let go, and nothing of it stays", async () => {
  const stage = await Stage.open();
  await stage.observe();
  const hook = stage.hook("PermissionRequest", { tool_name: "Bash", tool_input: { command: "x" } });
  stage.status("waiting", "permission prompt");
  await stage.until("waiting_input");
  const ended = once(hook, "exit");
  stage.status("busy");
  await ended;
  await stage.until("active");
  expect(readdirSync(placesIn(stage.session.sessionDir).asks)).toEqual([]);
});

test("a daemon that starts anew finds the dialog that is open, and reads no transcript twice", async () => {
  const stage = await Stage.open();
  const first = await stage.observe();
  stage.line(user("Fix issue 42."));
  stage.line(answer("m1", { type: "text", text: "a" }));
  stage.hook("PermissionRequest", { tool_name: "Bash", tool_input: { command: "x" } });
  stage.status("waiting", "permission prompt");
  const before = (await stage.until("waiting_input"))?.dialog?.id;
  await waitFor(() => stage.kinds("accepted").length === 1);
  await first?.stop();
  stage.facts.length = 0;
  await stage.observe();
  expect((await stage.until("waiting_input"))?.dialog?.id).toBe(before);
  stage.line(answer("m2", { type: "text", text: "b" }));
  await waitFor(() => JSON.stringify(stage.kinds("usage")).includes('"output":10'));
  expect(stage.kinds("accepted")).toEqual([]);
});

test("hooks of another conversation are not ours; a new conversation of the same program is", async () => {
  const stage = await Stage.open();
  await stage.observe();
  stage.hook("UserPromptSubmit", { prompt: "Fix issue 42." });
  stage.status("idle");
  await stage.until("ready");
  stage.hook("UserPromptSubmit", { session_id: "99999999-2222-4333-8444-555555555599", prompt: "not ours" });
  stage.hook("SessionStart", { session_id: "99999999-2222-4333-8444-555555555599", source: "clear" });
  await waitFor(() => JSON.stringify(stage.kinds("info").at(-1)).includes("99999999"));
  expect(stage.kinds("accepted")).toMatchObject([{ text: "Fix issue 42." }]);
});

test("a status file that another process left is not believed", async () => {
  const stage = await Stage.open();
  stage.status("busy");
  const path = statusPath(stage.configDir, stage.session.runtimeHandle?.data.pid as number);
  writeFileSync(path, readFileSync(path, "utf8").replace(/"procStart":"\d+"/, '"procStart":"1"'));
  stage.hook("UserPromptSubmit", { prompt: "x" });
  stage.hook("Stop");
  await stage.observe();
  expect((await stage.until("ready"))?.source).toBe("hook");
});

test("before it takes its prompt it is at work, and a question at the start is told", async () => {
  const stage = await Stage.open();
  stage.rows = readFileSync(
    join(import.meta.dirname, "fixtures", "claude-code-2.1.332", "screens", "trust.txt"),
    "utf8",
  ).split("\n");
  const observation = await stage.observe();
  observation?.hint({ kind: "output", at: iso() });
  const { dialog } = (await stage.until("waiting_input")) ?? {};
  expect(dialog).toMatchObject({ kind: "notice", choices: ["No, exit", "Yes, I trust this folder"] });
  rmSync(placesIn(stage.session.sessionDir).tail, { force: true });
  expect(existsSync(placesIn(stage.session.sessionDir).tail)).toBe(false);
});
