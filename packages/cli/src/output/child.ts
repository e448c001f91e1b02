import { type SpawnOptions, spawn } from "node:child_process";
import { constants } from "node:os";
import { letGoAfterExit } from "@agent-orchestrator/core/host/after-exit";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";

export interface ChildEnd {
  status: number;
  stdout: string;
  stderr: string;
}

export interface ChildOptions {
  cwd?: string;
  env: Record<string, string>;
  /** Collect the output instead of showing it. */
  isCaptured?: boolean;
  /** Written to its stdin. */
  input?: string;
}

/**
 * Runs a program on our terminal. Ctrl-C reaches it as well, and it alone decides what to do. A signal that ends it is
 * reported as in a shell, as 128 plus its number.
 */
export function runChild(argv: readonly string[], { cwd, env, isCaptured, input }: ChildOptions): Promise<ChildEnd> {
  const [program = "", ...args] = argv;
  const out = isCaptured === true ? "pipe" : "inherit";
  const options: SpawnOptions = { env, stdio: [input === undefined ? "inherit" : "pipe", out, out] };
  const child = spawn(program, args, cwd === undefined ? options : { ...options, cwd });
  const chunks = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (chunks.stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (chunks.stderr += text));
  child.stdin?.on("error", () => undefined); // it ended before it read everything
  child.stdin?.end(input);
  const stopWaiting = letGoAfterExit(child);
  child.once("exit", () => child.stdin?.destroy());
  const restore = leaveSignalsTo(child);
  return new Promise<ChildEnd>((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => reject(notStarted(program, error)));
    child.on("close", (code, signal) => {
      resolve({ status: code ?? 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0)), ...chunks });
    });
  }).finally(() => {
    stopWaiting();
    restore();
  });
}

function leaveSignalsTo(child: { kill(signal: NodeJS.Signals): boolean }): () => void {
  const ignore = () => undefined;
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  process.on("SIGINT", ignore).on("SIGQUIT", ignore);
  process.on("SIGTERM", forward).on("SIGHUP", forward);
  return () => {
    process.off("SIGINT", ignore).off("SIGQUIT", ignore);
    process.off("SIGTERM", forward).off("SIGHUP", forward);
  };
}

function notStarted(program: string, error: NodeJS.ErrnoException): AoError {
  const why = error.code === "ENOENT" ? "not found, or the folder is missing" : (error.code ?? error.message);
  return new AoError("UNAVAILABLE", `${oneLine(program)} could not be started: ${why}`, { cause: error });
}
