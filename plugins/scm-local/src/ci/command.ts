import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { markLine } from "@agent-orchestrator/plugin-kit/mark";
import { startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { endTree } from "@agent-orchestrator/plugin-kit/process-tree";
import { createLog, type LogFile } from "./log-file.ts";

export interface CommandCall {
  /** A shell line of the trusted config. */
  line: string;
  cwd: string;
  env: Record<string, string>;
  /** Marks every process of this run, so that leftovers can be found reliably. */
  runId: string;
  logPath: string;
  maxLogBytes: number;
  timeoutMs: number;
  clock: Clock;
  signal: AbortSignal;
  /** Called with the process group before the command itself starts. */
  onStart(group: { pid: number; startId: string }): void;
}

export type Outcome =
  | { kind: "exit"; exitCode: number | null; signal: string | null }
  | { kind: "timed-out" }
  | { kind: "output-limit" }
  | { kind: "not-started"; message: string }
  | { kind: "aborted" };

export const RUN_MARK = "AO_CI_RUN";

/** A command is ended if its output is this many times what is kept of it. */
const OUTPUT_FACTOR = 64;
const GRACE_MS = 2_000;

/**
 * The shell waits for a line on descriptor 3 before it becomes the command. If we die before the process group is
 * recorded, the command never starts.
 */
const GATE = `exec 2>&1; read -r _ <&3 || exit 125; exec 3<&-
${markLine()}
exec sh -c "$1"`;

/** Runs one CI command in its own process group, and ends whatever it leaves behind. */
export async function runCommand(call: CommandCall): Promise<Outcome> {
  const log = createLog(call.logPath, call.maxLogBytes);
  const child = spawn("sh", ["-c", GATE, "ao-ci", call.line], {
    cwd: call.cwd,
    env: { ...call.env, [RUN_MARK]: call.runId },
    stdio: ["ignore", "pipe", "ignore", "pipe"],
    detached: true,
  });
  const outcome = await watchCommand(child, log, call);
  log.finish(describe(outcome, call));
  return outcome;
}

async function watchCommand(child: ChildProcess, log: LogFile, call: CommandCall): Promise<Outcome> {
  const over = new AbortController();
  const ended = endOf(child);
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const tooMuch = new Promise<Outcome>((resolve) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      log.write(chunk);
      if (log.totalBytes > call.maxLogBytes * OUTPUT_FACTOR) resolve({ kind: "output-limit" });
    });
  });
  const group = open(child, call);
  try {
    return await Promise.race([
      ended,
      tooMuch,
      aborted(call.signal),
      call.clock.sleep(call.timeoutMs, over.signal).then((): Outcome => ({ kind: "timed-out" })),
    ]);
  } finally {
    over.abort();
    const roots = group === null ? [] : [group];
    await endTree({ roots, marks: { [RUN_MARK]: call.runId }, clock: call.clock, graceMs: GRACE_MS });
    await Promise.race([closed, call.clock.sleep(1_000)]);
    child.stdout?.destroy();
  }
}

/** Records the group, then lets the command go. */
function open(child: ChildProcess, call: CommandCall): { pid: number; startId: string } | null {
  const gate = child.stdio[3] as Writable | Readable | null | undefined;
  // It did not start. The "error" event says why.
  if (child.pid === undefined || gate === null || gate === undefined || !("write" in gate)) return null;
  // It may end before it reads, which its exit shows.
  gate.on("error", () => undefined);
  const startId = startIdOf(child.pid);
  if (startId === null) {
    gate.end();
    throw new AoError("FAILED", "a CI command ended before it started");
  }
  const group = { pid: child.pid, startId };
  call.onStart(group);
  gate.end("go\n");
  return group;
}

function endOf(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ kind: "not-started", message: error.message }));
    child.once("exit", (exitCode, signal) => resolve({ kind: "exit", exitCode, signal }));
  });
}

function aborted(signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve({ kind: "aborted" });
    signal.addEventListener("abort", () => resolve({ kind: "aborted" }), { once: true });
  });
}

function describe(outcome: Outcome, call: CommandCall): string {
  if (outcome.kind === "timed-out") return `[ended: it ran longer than ${call.timeoutMs / 1000} s]`;
  if (outcome.kind === "output-limit") return "[ended: it printed too much]";
  if (outcome.kind === "aborted") return "[ended: a newer commit came, or ao stopped]";
  if (outcome.kind === "not-started") return `[ended: it could not be started: ${outcome.message}]`;
  return outcome.exitCode === null ? `[ended by ${outcome.signal}]` : `[exit ${outcome.exitCode}]`;
}
