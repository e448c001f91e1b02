import { existsSync } from "node:fs";
import { letGoAfterExit } from "@agent-orchestrator/core/host/after-exit";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { execa } from "execa";

export interface ExecOptions {
  cwd?: string;
  /** The whole environment: nothing is inherited. */
  env: Record<string, string>;
  input?: string | Uint8Array;
  /** Deadline, then TERM, then KILL after `graceMs`. Default 30 s. */
  timeoutMs?: number;
  graceMs?: number;
  /** Bytes kept of each stream; more ends the program (or is dropped, with `truncate`). Default 8 MiB. */
  maxBytes?: number;
  signal?: AbortSignal;
  /** Exit statuses that count as success. Default [0]. */
  okExits?: readonly number[];
  /** `latin1`: one character per byte, for output that need not be UTF-8 (file names). Default `utf8`. */
  encoding?: "utf8" | "latin1";
  /** Standard output goes to this new file instead of the answer; `maxBytes` does not hold for it. */
  outputFile?: string;
  /** Standard input comes from this file. */
  inputFile?: string;
  /** A descriptor the program inherits as number 3 and keeps open while it, or a child of it, lives. */
  leaseFd?: number;
  /** What messages call the program. Default: its name and first two words. */
  title?: string;
}

export interface ExecResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/**
 * Runs a program with an argv array: never a shell. Throws UNAVAILABLE when it is not there, UNREACHABLE past the deadline,
 * FAILED (with the last lines it printed) for any other exit. The program leads its own process group, and the whole
 * group ends at the deadline: a child that hangs cannot hold us. Neither can one that outlives it with its output open.
 */
export async function exec(file: string, args: readonly string[], options: ExecOptions): Promise<ExecResult> {
  options.signal?.throwIfAborted();
  const timeoutMs = options.timeoutMs ?? 30_000;
  const { maxBytes, leaseFd, cwd, input, inputFile } = options;
  const subprocess = execa(file, [...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: options.env,
    extendEnv: false,
    ...(input === undefined ? {} : { input }),
    ...(inputFile === undefined ? {} : { inputFile }),
    stdio: [
      input === undefined && inputFile === undefined ? "ignore" : "pipe",
      options.outputFile === undefined ? "pipe" : { file: options.outputFile },
      "pipe",
      // execa takes any descriptor; its types list the small ones only
      ...(leaseFd === undefined ? [] : [leaseFd as 3]),
    ],
    encoding: options.encoding ?? "utf8",
    detached: true,
    maxBuffer: maxBytes ?? 8 * 1024 * 1024,
    stripFinalNewline: false,
    reject: false,
    windowsHide: true,
  });
  const deadline = watchDeadline(subprocess, { timeoutMs, graceMs: options.graceMs ?? 2_000, signal: options.signal });
  const stopWaiting = letGoAfterExit(subprocess);
  subprocess.once("exit", deadline.end);
  const result = await subprocess.finally(() => {
    deadline.end();
    stopWaiting();
  });
  options.signal?.throwIfAborted();
  const { exitCode } = result;
  if (!deadline.isPast() && exitCode !== undefined && (options.okExits ?? [0]).includes(exitCode)) {
    return { stdout: String(result.stdout ?? ""), stderr: String(result.stderr ?? ""), exitCode };
  }
  const what = options.title ?? [file, ...args.slice(0, 2)].join(" ");
  throw execFailure({ file, cwd, what, result, timedOut: deadline.isPast(), timeoutMs });
}

interface Running {
  pid?: number | undefined;
  stdout: { destroy(): unknown } | null;
  stderr: { destroy(): unknown } | null;
}

/** TERM to the whole group at the deadline or the caller's abort, KILL after the grace, and no more waiting for output. */
function watchDeadline(
  running: Running,
  { timeoutMs, graceMs, signal }: { timeoutMs: number; graceMs: number; signal: AbortSignal | undefined },
): { isPast(): boolean; end(): void } {
  let isPast = false;
  let killer: NodeJS.Timeout | undefined;
  const stop = () => {
    signalGroup(running.pid, "SIGTERM");
    killer = setTimeout(() => {
      signalGroup(running.pid, "SIGKILL");
      running.stdout?.destroy();
      running.stderr?.destroy();
    }, graceMs);
  };
  const timer = setTimeout(() => {
    isPast = true;
    stop();
  }, timeoutMs);
  signal?.addEventListener("abort", stop, { once: true });
  return {
    isPast: () => isPast,
    end() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      // What the program started may ignore TERM, and outlive it.
      if (!signalGroup(running.pid, 0)) clearTimeout(killer);
    },
  };
}

/** Returns false if nothing of the group is left. */
function signalGroup(pid: number | undefined, name: "SIGTERM" | "SIGKILL" | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, name);
  } catch {
    return false; // The group ended between the decision and the signal.
  }
}

interface Failed {
  file: string;
  cwd: string | undefined;
  what: string;
  result: {
    code?: string | undefined;
    isMaxBuffer: boolean;
    exitCode?: number | undefined;
    signal?: string | undefined;
    stdout?: unknown;
    stderr?: unknown;
    shortMessage?: string | undefined;
  };
  timedOut: boolean;
  timeoutMs: number;
}

function execFailure({ file, cwd, what, result, timedOut, timeoutMs }: Failed): AoError {
  const isMissing = result.code === "ENOENT" && result.exitCode === undefined;
  if (isMissing && cwd !== undefined && !existsSync(cwd)) {
    return new AoError("UNAVAILABLE", `the folder ${cwd} is gone`, {
      hint: "Was it removed by hand? Run `ao restore` to recreate a session's checkout from its branch.",
    });
  }
  if (isMissing) {
    return new AoError("UNAVAILABLE", `${file} could not be started: not found`, {
      hint: `Is ${file} installed and on PATH? \`ao doctor\` shows what ao sees.`,
    });
  }
  if (timedOut) return new AoError("UNREACHABLE", `${what} did not end within ${timeoutMs / 1000} s`);
  if (result.isMaxBuffer) return new AoError("FAILED", `${what} printed more than is allowed`);
  const last = lastLines(String(result.stderr || result.stdout || ""), 5);
  const how =
    result.exitCode === undefined ? `ended by ${result.signal ?? "an unknown cause"}` : `exit ${result.exitCode}`;
  return new AoError("FAILED", `${what} failed (${how})${last === "" ? "" : `: ${last}`}`, {
    details: { exitCode: result.exitCode ?? null, stderr: String(result.stderr ?? "").slice(-4096) },
  });
}

export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
