import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
import { onTestFinished } from "vitest";
import { create } from "../index.ts";
import { transcriptPath } from "../launch/conversation.ts";
import { placesIn, readNote } from "../launch/note.ts";
import { statusPath } from "../status.ts";

const now = () => systemClock.now();
export const iso = (ms = now()) => new Date(ms).toISOString();

/** A process in place of Claude Code, with the files that it would keep. */
export class Stage {
  readonly agent: Agent = create();
  readonly facts: AgentFact[] = [];
  readonly keys: string[] = [];
  /** How often the screen was read. */
  looks = 0;
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

  /** Replaced by tests that type. */
  terminal: AgentTerminal = this.#screenOnly();

  #screenOnly(): AgentTerminal {
    return {
      screen: async () => {
        this.looks++;
        return { rows: this.rows, styledRows: null, cursor: null, title: null };
      },
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

  /** The program ends. */
  async end(): Promise<void> {
    const ended = once(this.#program, "exit");
    this.#program.kill("SIGKILL");
    await ended;
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
