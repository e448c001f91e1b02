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
  /** Exit statuses that are answers, not failures. Default [0]. */
  okExits?: readonly number[];
}

export interface ExecResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/**
 * Runs a program with an argv array: never a shell. Throws UNAVAILABLE when it is not there, UNREACHABLE past the deadline,
 * FAILED (with the last lines it printed) for any other exit.
 */
export async function exec(file: string, args: readonly string[], options: ExecOptions): Promise<ExecResult> {
  const result = await execa(file, [...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env,
    extendEnv: false,
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    timeout: options.timeoutMs ?? 30_000,
    forceKillAfterDelay: options.graceMs ?? 2_000,
    maxBuffer: options.maxBytes ?? 8 * 1024 * 1024,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    stripFinalNewline: false,
    reject: false,
    windowsHide: true,
  });
  if (result.isCanceled) options.signal?.throwIfAborted();
  const exitCode = result.exitCode;
  if (exitCode !== undefined && (options.okExits ?? [0]).includes(exitCode)) {
    return { stdout: result.stdout, stderr: result.stderr, exitCode };
  }
  throw execFailure({ file, args, result, timeoutMs: options.timeoutMs ?? 30_000 });
}

interface Failed {
  file: string;
  args: readonly string[];
  result: {
    code?: string | undefined;
    timedOut: boolean;
    isMaxBuffer: boolean;
    exitCode?: number | undefined;
    signal?: string | undefined;
    stdout?: unknown;
    stderr?: unknown;
    shortMessage?: string | undefined;
  };
  timeoutMs: number;
}

function execFailure({ file, args, result, timeoutMs }: Failed): AoError {
  const what = [file, ...args.slice(0, 2)].join(" ");
  if (result.code === "ENOENT" && result.exitCode === undefined) {
    return new AoError("UNAVAILABLE", `${file} could not be started: not found (or its working folder is gone)`, {
      hint: `Is ${file} installed and on PATH? \`ao doctor\` shows what ao sees.`,
    });
  }
  if (result.timedOut) return new AoError("UNREACHABLE", `${what} did not end within ${timeoutMs / 1000} s`);
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
