import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { letGoAfterExit } from "@agent-orchestrator/core/host/after-exit";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { lookUp } from "@agent-orchestrator/plugin-kit/process";
import { command } from "./command-quoting.ts";
import { type ControlBlock, controlStream } from "./control-stream.ts";

export interface ControlOptions {
  argv: readonly [string, ...string[]];
  env: Record<string, string>;
  clock: Clock;
  /** Marks the end of our answers. Nobody else can guess it. */
  nonce: string;
  onNotice(line: string): void;
  /** The connection ended, whoever ended it. */
  onClose(): void;
}

interface Pending {
  mark: string;
  lines: string[];
  failure: string | null;
  /** Told of each answer at its place in the stream, between what panes wrote before and after it. */
  hear: ((lines: string[]) => void) | undefined;
  resolve(lines: string[]): void;
  reject(error: unknown): void;
}

const DEADLINE_MS = 10_000;
/** For what a tmux that works answers at once. */
const BRIEF_MS = 3_000;

/**
 * Ends the client when we end: a control client whose reader was killed while output was flowing would stay permanently, and keep the
 * server from shutting down. Also ends us when the client ends, because the shell holds its pipes too.
 */
const GUARD = '{ cat; kill -KILL 0; } | { "$@"; kill -KILL 0; }';

/**
 * One tmux client that sends text instead of drawing. tmux answers a command list with one block for each command that ran,
 * and `if-shell` adds more blocks. So each list is followed by a mark, and all blocks before the mark are its answer.
 */
export class ControlClient {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #options: ControlOptions;
  readonly #waiting: Pending[] = [];
  readonly #over = new AbortController();
  /** Settles once tmux has attached us to the session. Earlier commands run for no client, and resolve "the current client" to another one. */
  readonly #attached: Promise<void>;
  #toldAttached: (refusal?: AoError) => void = () => undefined;
  #pid: number | null = null;
  #serverPid: number | null = null;
  #stderr = "";
  #sent = 0;
  #isClosed = false;
  #isSilent = false;

  constructor(options: ControlOptions) {
    this.#options = options;
    const args = ["-c", GUARD, "ao-tmux", ...options.argv];
    this.#child = spawn("/bin/sh", args, { env: options.env, stdio: ["pipe", "pipe", "pipe"], detached: true });
    this.#attached = new Promise((resolve, reject) => {
      this.#toldAttached = (refusal) => (refusal === undefined ? resolve() : reject(refusal));
    });
    const notice = (line: string): void => {
      if (line.startsWith("%session-changed ")) this.#toldAttached();
      options.onNotice(line);
    };
    const feed = controlStream({ block: (block) => this.#answer(block), notice });
    this.#child.stdout.setEncoding("latin1").on("data", feed);
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-500);
    });
    // A write to a client that ended. Its close event reports it.
    this.#child.stdin.on("error", () => undefined);
    this.#child.on("error", (error) => this.#end(error.message));
    // tmux's server has the client's streams too, and keeps them open while it is stopped.
    letGoAfterExit(this.#child);
    this.#child.on("close", () => this.#end(this.#stderr.trim()));
  }

  /**
   * Runs a command list and returns the lines it printed, as UTF-8. Throws tmux's message if a command failed, and UNREACHABLE if no
   * answer came: then it may still run later.
   */
  async run(commands: string, deadlineMs = DEADLINE_MS, hear?: Pending["hear"]): Promise<string[]> {
    if (this.#isClosed) throw gone("");
    const mark = `${this.#options.nonce}-${++this.#sent}`;
    const answer = new Promise<string[]>((resolve, reject) => {
      this.#waiting.push({ mark, lines: [], failure: null, hear, resolve, reject });
    });
    this.#child.stdin.write(`${commands}\n${command("display-message", "-p", mark)}\n`);
    const done = new AbortController();
    const late = this.#watchDeadline(deadlineMs, done.signal);
    try {
      return await Promise.race([answer, late]);
    } finally {
      done.abort();
    }
  }

  /** Whether it was given up because an answer did not come in time. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** The pid of the tmux process behind the connection, according to tmux. */
  get pid(): number | null {
    return this.#pid;
  }

  /** Waits until tmux has attached us. */
  async attach(): Promise<void> {
    const asked = this.run(command("display-message", "-p", "attached"), BRIEF_MS);
    await Promise.all([this.#attached, asked]);
    const [pids = ""] = await this.run(command("display-message", "-p", "#{client_pid} #{pid}"), BRIEF_MS);
    [this.#pid, this.#serverPid] = pids.split(" ").map(Number) as [number, number];
  }

  /** Throws UNREACHABLE if tmux does not answer now. Ask before what must not run later. */
  async mustAnswer(): Promise<void> {
    if (this.isStopped) throw stopped();
    await this.run(command("display-message", "-p", "here"), BRIEF_MS);
  }

  /**
   * Kills tmux's process before its input ends. If a control client leaves because its input ended while a pane has output for it,
   * tmux 3.3a dies with every agent ("not enough data"). A killed client is dropped at once. The shell around it then ends by itself.
   */
  close(): void {
    const group = this.#child.pid;
    if (group === undefined || this.#isClosed) return;
    try {
      process.kill(this.#pid ?? -group, "SIGKILL");
    } catch {
      // It ended a moment ago.
    }
  }

  /** Whether tmux's process is stopped. What it is told now runs when it continues. */
  get isStopped(): boolean {
    return this.#serverPid !== null && lookUp(this.#serverPid)?.isStopped === true;
  }

  #answer(block: ControlBlock): void {
    const head = this.#waiting[0];
    if (head === undefined) return;
    if (block.lines.length === 1 && block.lines[0] === head.mark) {
      this.#waiting.shift();
      if (head.failure === null) head.resolve(head.lines);
      else head.reject(new AoError("FAILED", `tmux: ${head.failure}`));
      return;
    }
    const lines = block.lines.map((line) => Buffer.from(line, "latin1").toString("utf8"));
    if (block.ok) {
      head.lines.push(...lines);
      head.hear?.(lines);
    } else head.failure = lines.join("; ");
  }

  /**
   * Rejects when the time is up. The connection to a server that is stopped stays, and its answers come when it continues: tmux 3.3a
   * dies if it finds that clients left meanwhile.
   */
  async #watchDeadline(deadlineMs: number, signal: AbortSignal): Promise<never> {
    try {
      await this.#options.clock.sleep(deadlineMs, signal);
    } catch {
      return new Promise(() => undefined); // answered, or ended
    }
    if (this.isStopped) throw stopped();
    // After a missed answer the following ones can't be matched, so a new connection is needed.
    this.#stderr = `no answer within ${deadlineMs / 1000} s`;
    this.#isSilent = true;
    this.close();
    throw gone(this.#stderr);
  }

  #end(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#toldAttached(gone(reason));
    this.#over.abort();
    for (const pending of this.#waiting.splice(0)) pending.reject(gone(reason));
    this.#options.onClose();
  }
}

const HINT = "Is its process stopped? `ao doctor` shows whether tmux answers.";

const stopped = (): AoError =>
  new AoError("UNREACHABLE", "tmux is not responding, its process is stopped", { hint: HINT });

function gone(reason: string): AoError {
  return new AoError("UNREACHABLE", `the connection to tmux ended${reason === "" ? "" : `: ${reason}`}`, {
    hint: HINT,
  });
}
