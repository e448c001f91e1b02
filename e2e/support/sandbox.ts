import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Outcome } from "@agent-orchestrator/core/protocol/client";
import { makeTempDir, removeDir } from "@agent-orchestrator/testkit/temp-dir";
import { repoAt, type TempRepo } from "@agent-orchestrator/testkit/temp-repo";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import type { ParamsOf, RequestName, Requests, ResultOf } from "../../packages/daemon/src/requests.ts";
import { type Answer, type RunOptions, runProgram } from "./ao.ts";
import { killIfAlive, processesOf } from "./processes.ts";
import { ask } from "./request.ts";

export const AO = fileURLToPath(new URL("../../packages/cli/bin/ao.js", import.meta.url));
export const DAEMON = fileURLToPath(new URL("../../packages/cli/dist/daemon.js", import.meta.url));
/** The flags that the command line uses as well. */
export const DAEMON_FLAGS = ["--max-semi-space-size=2"];
export const AGENT = fileURLToPath(new URL("../../packages/testkit/programs/scripted-agent.mjs", import.meta.url));

export interface SandboxOptions {
  runtime?: "tmux" | "process";
  /** Lines under `projects.app`, indented by four. */
  project?: string;
  /** Lines at the top level. */
  top?: string;
  agentArgs?: string[];
  /** The agent plugin; default `command`. */
  agent?: string;
  /** The whole `agentConfig`, as YAML on one line. Default: the scripted agent. */
  agentConfig?: string;
  /** Milliseconds without output until the scripted agent counts as ready. Default 500. */
  quietMs?: number;
  /** The user's own config, `$AO_HOME/config.yaml`. */
  userConfig?: string;
  files?: Record<string, string>;
  /** How many issues there are. Default 3. */
  issues?: number;
  /** Name of the project's folder. Default `app`. */
  folder?: string;
}

export interface AgentEvent {
  event: "start" | "message" | "interrupt" | "ran";
  session: string;
  pid: number;
  text?: string;
  sha?: string;
  args?: string[];
  /** The outcome of `ran`. */
  status?: number;
  stdout?: string;
  stderr?: string;
}

/** A state folder, a repository with a config and three issues, and the real daemon between them. */
export class Sandbox {
  readonly dir = makeTempDir("ao-e2e");
  readonly home = join(this.dir, "home");
  readonly repo: TempRepo;
  readonly agentLog = join(this.dir, "agent.log");
  #daemon: ChildProcess | null = null;

  constructor(options: SandboxOptions = {}) {
    mkdirSync(this.home, { mode: 0o700 });
    const issues = Object.fromEntries(
      Array.from({ length: options.issues ?? 3 }, (_, at) => at + 1).map((n) => [
        `.ao/issues/${n}-task-${n}.md`,
        `---\ntitle: Task ${n}\nstate: open\n---\nPlease do task ${n}.\n`,
      ]),
    );
    this.repo = repoAt(join(this.dir, options.folder ?? "app"), {
      "README.md": "# app\n",
      ...issues,
      ...options.files,
    });
    writeFileSync(join(this.repo.path, "agent-orchestrator.yaml"), configText(options));
    if (options.userConfig !== undefined) writeFileSync(join(this.home, "config.yaml"), options.userConfig);
  }

  get env(): Record<string, string> {
    return {
      ...this.repo.env,
      HOME: this.dir,
      AO_HOME: this.home,
      AGENT_LOG: this.agentLog,
      SHELL: "/bin/sh",
      TERM: "xterm-256color",
    };
  }

  get socketPath(): string {
    const own = join(this.home, "daemon/ao.sock");
    return existsSync(own) ? own : (this.info()?.socket ?? own);
  }

  info(): { pid: number; socket?: string } | null {
    try {
      return JSON.parse(readFileSync(join(this.home, "daemon/daemon.json"), "utf8"));
    } catch {
      return null; // not started yet
    }
  }

  /** Starts the daemon and waits for its first answer. */
  async start(env: Record<string, string> = {}): Promise<void> {
    const log = openSync(join(this.dir, "daemon.log"), "a");
    const child = spawn(process.execPath, [...DAEMON_FLAGS, DAEMON], {
      env: { ...this.env, ...env },
      stdio: ["ignore", log, log],
      detached: true,
    });
    this.#daemon = child;
    await waitFor(async () => (await this.ask("ping", {})).ok || child.exitCode !== null, {
      what: "the daemon's first answer",
    });
    if (child.exitCode !== null) throw new Error(`the daemon ended: ${this.daemonLog()}`);
  }

  /** The real command line, as the user types it in the project's folder. */
  ao(...args: string[]): Promise<Answer> {
    return this.aoWith({}, ...args);
  }

  aoWith(options: RunOptions, ...args: string[]): Promise<Answer> {
    const env = { ...this.env, ...options.env };
    return runProgram(process.execPath, [AO, ...args], { cwd: this.repo.path, ...options, env });
  }

  /** `data` of the command's document. Throws with the output if the command failed. */
  async json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
    const answer = await this.ao(...args, "--json");
    if (answer.status !== 0) throw new Error(`ao ${args.join(" ")}: ${answer.status} ${answer.stdout}${answer.stderr}`);
    return JSON.parse(answer.stdout).data as T;
  }

  /** The daemon's process, whoever started it. Null if this home has none. */
  daemonPid(): number | null {
    const pid = this.info()?.pid ?? null;
    return pid !== null && processesOf(this.home).some((process) => process.pid === pid) ? pid : null;
  }

  /** Like a power cut for the daemon alone. */
  async kill9(): Promise<void> {
    const pid = this.#daemon?.pid ?? this.daemonPid();
    if (pid !== null) killIfAlive(pid);
    await this.died();
  }

  async died(): Promise<void> {
    const child = this.#daemon;
    const isGone = () =>
      child === null ? this.daemonPid() === null : child.exitCode !== null || child.signalCode !== null;
    await waitFor(isGone, { what: "the daemon's death" });
    this.#daemon = null;
  }

  ask<N extends RequestName>(name: N, params: ParamsOf<N>, wishId?: string): Promise<Outcome<Requests[N]>> {
    const caller = {
      cwd: this.repo.path,
      pid: process.pid,
      build: "test",
      env: this.env,
      ...this.#proof(),
      ...(wishId === undefined ? {} : { wishId }),
    };
    return ask({ socketPath: this.socketPath, caller }, name, params);
  }

  /** The user's token, once a daemon has run. */
  #proof(): { token?: string } {
    const path = join(this.home, "daemon/token");
    return existsSync(path) ? { token: readFileSync(path, "utf8").trim() } : {};
  }

  /** Returns the answer, or throws the error. */
  async get<N extends RequestName>(name: N, params: ParamsOf<N>): Promise<ResultOf<N>> {
    const outcome = await this.ask(name, params);
    if (outcome.ok) return outcome.data;
    throw new Error(
      `${name}: ${outcome.error === null ? "the daemon went away" : `${outcome.error.code} ${outcome.error.message}`}`,
    );
  }

  async trust(): Promise<void> {
    await this.get("trust", {});
  }

  /** Makes the agent of a session run a shell line as its child. Returns how that ended. */
  async asAgent(session: string, line: string): Promise<AgentEvent> {
    const before = this.agentEvents().length;
    const sent = await this.ao("send", session, `run ${line}`);
    if (sent.status !== 0) throw new Error(`the line did not reach ${session}: ${sent.stderr}`);
    return waitFor(
      () =>
        this.agentEvents()
          .slice(before)
          .find(({ event }) => event === "ran"),
      {
        timeoutMs: 20_000,
        what: `${session} to run ${line}`,
      },
    );
  }

  /** Writes the config again. */
  configure(options: SandboxOptions): void {
    writeFileSync(join(this.repo.path, "agent-orchestrator.yaml"), configText(options));
  }

  /** What the agents recorded. */
  agentEvents(): AgentEvent[] {
    if (!existsSync(this.agentLog)) return [];
    return readFileSync(this.agentLog, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  }

  daemonLog(): string {
    const file = join(this.dir, "daemon.log");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  tmux(...args: string[]): string {
    const socket = readdirSync(join(this.home, "daemon")).find(
      (name) => name.startsWith("tmux") && !name.endsWith(".conf"),
    );
    return execFileSync("tmux", ["-S", join(this.home, "daemon", socket ?? "tmux.sock"), ...args], {
      env: this.env,
      encoding: "utf8",
      stdio: "pipe",
    });
  }

  worktrees(): string[] {
    return this.repo
      .git("worktree", "list", "--porcelain")
      .split("\n")
      .filter((line) => line.startsWith("worktree "))
      .map((line) => line.slice("worktree ".length))
      .filter((path) => path !== this.repo.path && !path.includes("/scm/"));
  }

  branches(): string[] {
    return this.repo
      .git("branch", "--format=%(refname:short)")
      .split("\n")
      .filter((name) => name !== "" && name !== "main");
  }

  /** For a failing test: what the daemon logged, and the state of the sessions. */
  async diagnose(): Promise<string> {
    const status = await this.ask("status", { all: true });
    const sessions = status.ok
      ? status.data.map(({ id, status: now, activity, messages }) => ({ id, now, activity, messages }))
      : status;
    return `${JSON.stringify(sessions, null, 1)}\n${this.daemonLog()}`;
  }

  async close(): Promise<void> {
    await this.ask("stop", { sessions: true, isConfirmed: true });
    this.#daemon?.kill("SIGKILL");
    try {
      this.tmux("kill-server");
    } catch {
      // no server was started, or it is gone
    }
    for (const { pid } of this.agentEvents()) killIfAlive(pid);
    for (const { pid } of processesOf(this.home)) killIfAlive(pid);
    removeDir(this.dir);
  }
}

export function configText(options: SandboxOptions): string {
  const { runtime = "tmux", project = "", top = "", agentArgs = [] } = options;
  const args = JSON.stringify([AGENT, ...agentArgs]);
  const agentConfig =
    options.agentConfig ??
    `{ command: ${JSON.stringify(process.execPath)}, args: ${args}, quietMs: ${options.quietMs ?? 500} }`;
  return `defaults: { runtime: ${runtime}, agent: ${options.agent ?? "command"} }
${top}
projects:
  app:
    agentConfig: ${agentConfig}
${project || "    scm: { plugin: local, ci: [{ name: test, run: 'test -f work.txt' }] }"}
`;
}
