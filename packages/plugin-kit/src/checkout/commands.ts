import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { letGoAfterExit } from "@agent-orchestrator/core/host/after-exit";
import { throughAsync } from "@agent-orchestrator/core/host/guarded";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { PostCreateOptions, WorkspaceInfo } from "@agent-orchestrator/core/slots/workspace";
import { lastLines } from "../exec.ts";
import { makeFolder } from "../files/folders.ts";
import { readSmallFile } from "../files/read-small.ts";
import { marked } from "../mark.ts";
import { type ProcessRef, startIdOf } from "../process.ts";
import { endTree } from "../process-tree.ts";

export interface Commands {
  /** The config key they stand under, for messages: `postCreate`. */
  key: string;
  /** The user's own command lines, for `sh -c`: the one place where a shell is meant. */
  lines: readonly string[];
  cwd: string;
  env: Record<string, string>;
  /** Appended to; everything the commands print, up to a limit. */
  logFile: string;
  /** For all of them together. */
  timeoutMs: number;
  clock: Clock;
  signal?: AbortSignal;
  /** Called when a command begins, and with each new last line of what it prints. */
  onProgress?(progress: { command: string; lastLine: string | null }): void;
}

const LOG_MAX_BYTES = 8 * 1024 * 1024;
const SHOWN_LINES = 20;
const LINE_MAX = 1_000;

/**
 * Runs the commands one after another until one fails. Past the limit, or when the caller gives up, all that the command
 * started is ended. What an earlier daemon started under the same log is ended first.
 */
export async function runCommands(commands: Commands): Promise<void> {
  const { logFile, clock } = commands;
  await makeFolder(dirname(logFile));
  await endEarlier(commands);
  const end = clock.monotonic() + commands.timeoutMs;
  for (const line of commands.lines) {
    commands.signal?.throwIfAborted();
    const outcome = await runOne(commands, line, end - clock.monotonic());
    if (outcome !== null) throw await failure(commands, line, outcome);
  }
}

interface ProjectCommands {
  info: WorkspaceInfo;
  project: ProjectConfig;
  options: PostCreateOptions | undefined;
}

/** The command lines of a config key, in the top folder of a checkout. */
export async function runProjectCommands(
  { clock, key, lines }: Pick<Commands, "clock" | "key" | "lines">,
  { info, project, options }: ProjectCommands,
): Promise<void> {
  if (lines.length === 0) return;
  if (options === undefined) throw new Error(`${key} needs an environment and a log file`);
  const { environment: env, logFile, signal, onProgress } = options;
  const limits = {
    timeoutMs: project.postCreateTimeoutMs,
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  };
  await runCommands({ clock, key, lines, cwd: info.path, env, logFile, ...limits });
}

/** Null if it succeeded. */
async function runOne(commands: Commands, line: string, leftMs: number): Promise<string | null> {
  const log = await openOwn(commands.logFile, constants.O_APPEND);
  try {
    await log.appendFile(`$ ${line}\n`);
    const [shell, ...words] = marked(["/bin/sh", "-c", line]);
    const child = spawn(shell, words, {
      cwd: commands.cwd,
      env: commands.env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const exited = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
    let written = 0;
    const show = lastLineShower(commands, line);
    const keep = (chunk: Buffer) => {
      show(chunk);
      written += chunk.length;
      if (written <= LOG_MAX_BYTES) log.appendFile(chunk).catch(() => undefined); // A full disk must not end the command.
    };
    const closed = new Promise((resolve) => child.once("close", resolve));
    letGoAfterExit(child);
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const outcome = await supervise(commands, { pid: child.pid, exited, leftMs });
    await closed;
    if (written > LOG_MAX_BYTES) await log.appendFile(`\n[${written - LOG_MAX_BYTES} more bytes were not kept]\n`);
    return outcome;
  } finally {
    await log.close();
  }
}

/** Tells the beginning, then the last whole line so far whenever it is another one. */
function lastLineShower({ onProgress }: Commands, command: string): (chunk: Buffer) => void {
  if (onProgress === undefined) return () => undefined;
  let shown: string | null = null;
  let rest = "";
  onProgress({ command, lastLine: null });
  return (chunk) => {
    const parts = `${rest}${chunk.toString("utf8")}`.split(/[\r\n]+/);
    rest = (parts.pop() ?? "").slice(-LINE_MAX);
    const last = parts.findLast((part) => part.trim() !== "") ?? null;
    if (last === null || last === shown) return;
    shown = last;
    onProgress({ command, lastLine: last.slice(-LINE_MAX) });
  };
}

interface Started {
  pid: number | undefined;
  exited: Promise<[number | null, NodeJS.Signals | null]>;
  leftMs: number;
}

async function supervise(commands: Commands, { pid, exited, leftMs }: Started): Promise<string | null> {
  const { clock, signal } = commands;
  const startId = pid === undefined ? null : startIdOf(pid);
  const ref: ProcessRef | null = pid === undefined || startId === null ? null : { pid, startId };
  await note(commands, ref);
  const overdue = new AbortController();
  const giveUp = signal === undefined ? overdue.signal : AbortSignal.any([overdue.signal, signal]);
  const timer = clock.sleep(Math.max(0, leftMs), overdue.signal).then(
    () => "late" as const,
    () => "cancelled" as const,
  );
  const aborted = once(giveUp, "abort").then(() => "aborted" as const);
  try {
    const first = await Promise.race([exited, timer, aborted]);
    if (typeof first !== "string") return wordsFor(first);
    if (ref !== null) await endTree({ roots: [ref], clock, graceMs: 2_000 });
    signal?.throwIfAborted();
    return `did not end within ${Math.round(commands.timeoutMs / 1000)} s`;
  } finally {
    overdue.abort();
    await removePidFile(commands);
  }
}

const wordsFor = ([code, signal]: [number | null, NodeJS.Signals | null]): string | null =>
  code === 0 ? null : code === null ? `was ended by ${signal ?? "a signal"}` : `failed (exit ${code})`;

async function failure({ key, logFile }: Commands, line: string, outcome: string): Promise<AoError> {
  const text = await readSmallFile(logFile, 64 * 1024 * 1024).catch(() => null);
  const tail = lastLines(text ?? "", SHOWN_LINES);
  return new AoError("FAILED", `${key} \`${line}\` ${outcome}\n${tail}`, {
    hint: `The whole log is in ${logFile}.`,
    details: { command: line, logFile },
  });
}

/** For writing. Through no link. */
const openOwn = (path: string, flag: number) =>
  throughAsync(path, (at) => open(at, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | flag, 0o600));

const removePidFile = (commands: Commands): Promise<void> =>
  throughAsync(pidFile(commands), (at) => rm(at, { force: true }));

const pidFile = ({ logFile }: Commands): string => `${logFile}.running`;

async function note(commands: Commands, ref: ProcessRef | null): Promise<void> {
  if (ref === null) return;
  const handle = await openOwn(pidFile(commands), constants.O_TRUNC);
  try {
    await handle.writeFile(`${ref.pid} ${ref.startId}\n`);
  } finally {
    await handle.close();
  }
}

async function endEarlier(commands: Commands): Promise<void> {
  const [, pid, startId] = /^(\d+) (.+)$/m.exec((await readSmallFile(pidFile(commands))) ?? "") ?? [];
  if (pid !== undefined && startId !== undefined && startIdOf(Number(pid)) === startId) {
    await endTree({ roots: [{ pid: Number(pid), startId }], clock: commands.clock, graceMs: 2_000 });
  }
  await removePidFile(commands);
}
