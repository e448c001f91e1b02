import { execFile, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { Sandbox } from "../../e2e/support/sandbox.ts";

export const AO = fileURLToPath(new URL("../../packages/cli/bin/ao.js", import.meta.url));
export const agentFile = (name: string) => fileURLToPath(new URL(`../agents/${name}`, import.meta.url));
const run = promisify(execFile);

export interface StageOptions {
  agent: "idle" | "busy" | "listener";
  agentArgs?: string[];
  /** Lines under `projects.app`, indented by four. */
  project?: string;
  /** Lines at the top level, instead of a notifier that writes into a file. */
  top?: string;
  issues?: number;
  /** Without output for so long, the agent is at rest. */
  quietMs?: number;
}

export class BenchSandbox extends Sandbox {
  override get env(): Record<string, string> {
    return { ...super.env, BENCH_LOG: join(this.dir, "bench-agent.log"), BENCH_CI: join(this.dir, "bench-ci.log") };
  }
}

/** A state folder, a small repository and a warm daemon, with `ao` as a user calls it. */
export class Stage {
  readonly box: BenchSandbox;
  readonly notesFile: string;
  readonly #rows: { read: number; lines: string[] } = { read: 0, lines: [] };

  constructor(options: StageOptions) {
    this.box = new BenchSandbox({
      files: smallProject(options.issues ?? 3),
      userConfig: "limits: { maxConcurrentSessions: 1000 }\n",
    });
    this.notesFile = join(this.box.dir, "notes.log");
    writeFileSync(join(this.box.repo.path, "agent-orchestrator.yaml"), configText(options, this.notesFile));
  }

  async begin(): Promise<void> {
    await this.box.start();
    await this.box.trust();
  }

  get env(): Record<string, string> {
    return { ...this.box.env, NO_COLOR: "1" };
  }

  get daemonPid(): number {
    const pid = this.box.info()?.pid;
    if (pid === undefined) throw new Error("the daemon does not run");
    return pid;
  }

  tmuxPid(): number {
    return Number(this.box.tmux("display-message", "-p", "#{pid}").trim());
  }

  /** Runs `ao` from the project's folder. Throws its output if it fails. */
  async ao(...args: string[]): Promise<string> {
    const { stdout } = await run(process.execPath, [AO, ...args], {
      cwd: this.box.repo.path,
      env: this.env,
      maxBuffer: 64 << 20,
    });
    return stdout;
  }

  /** Waits until `ao` considers the agent ready for a message. */
  async untilReady(session: string): Promise<void> {
    await waitFor(
      async () => {
        const { activity } = await this.box.get("show", { session });
        return activity?.state === "ready" || activity?.state === "idle";
      },
      { what: `${session} to be ready`, intervalMs: 50, timeoutMs: 30_000 },
    );
  }

  /** What the agents have recorded so far. */
  agentLines(): string[] {
    const file = this.env.BENCH_LOG ?? "";
    if (!existsSync(file)) return [];
    const text = readFileSync(file, "utf8");
    if (text.length !== this.#rows.read) {
      this.#rows.read = text.length;
      this.#rows.lines = text.split("\n").slice(0, -1);
    }
    return this.#rows.lines;
  }

  notes(): string[] {
    return existsSync(this.notesFile) ? readFileSync(this.notesFile, "utf8").split("\n").slice(0, -1) : [];
  }

  /** Polls every 2 ms, so that polling does not affect the figure. */
  async untilLines(count: number, what: string): Promise<void> {
    await waitFor(() => this.agentLines().length >= count, { what, timeoutMs: 120_000, intervalMs: 2 });
  }

  close(): Promise<void> {
    return this.box.close();
  }
}

/** A line `1763723400123.25 session word rest`. */
export function stamped(line: string): { atMs: number; session: string; word: string; rest: string } {
  const [at = "", session = "", word = "", ...rest] = line.split(" ");
  return { atMs: Number(at), session, word, rest: rest.join(" ") };
}

export const nowMs = (): number => performance.timeOrigin + performance.now();

/** The same environment that `ao` gets: variables such as NODE_EXTRA_CA_CERTS slow every node down. */
export const bareEnv = { PATH: process.env.PATH ?? "/usr/bin:/bin", HOME: tmpdir(), LANG: "C.UTF-8" };

export const nodeAlone = (): void => void spawnSync(process.execPath, ["-e", "0"], { env: bareEnv });

export function smallProject(issues: number): Record<string, string> {
  const sources = Array.from({ length: 40 }, (_, n) => [`src/part-${n}.js`, `export const part = ${n};\n`.repeat(20)]);
  const tasks = Array.from({ length: issues }, (_, n) => [
    `.ao/issues/${n + 1}-task-${n + 1}.md`,
    `---\ntitle: Task ${n + 1}\nstate: open\n---\nPlease do task ${n + 1}.\n`,
  ]);
  return Object.fromEntries([...sources, ...tasks]);
}

function configText(options: StageOptions, notesFile: string): string {
  const args = options.agentArgs ?? [];
  const [command, words] =
    options.agent === "listener"
      ? [process.execPath, [agentFile("listener.mjs"), ...args]]
      : ["/bin/sh", [agentFile(`${options.agent}.sh`), ...args]];
  const toFile = `plugins: [{ path: ${JSON.stringify(agentFile("notifier.mjs"))} }]
notifiers: { bench: { file: ${JSON.stringify(notesFile)} } }`;
  const notifiers = options.top === undefined ? ", notifiers: [bench]" : "";
  return `defaults: { runtime: tmux, agent: command${notifiers} }
${options.top ?? toFile}
projects:
  app:
    agentConfig: { command: ${JSON.stringify(command)}, args: ${JSON.stringify(words)}, quietMs: ${options.quietMs ?? 300} }
${options.project ?? "    scm: { plugin: local, openPr: manual }"}
`;
}
