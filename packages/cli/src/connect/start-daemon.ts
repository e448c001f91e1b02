import { type ChildProcess, spawn } from "node:child_process";
import { constants, existsSync, fstatSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureDir, fileError, isThere } from "@agent-orchestrator/core/host/files";
import { OPEN, realFs } from "@agent-orchestrator/core/host/fs-port";
import { guardFolder } from "@agent-orchestrator/core/host/guarded";
import { withoutSurroundings } from "@agent-orchestrator/core/host/surroundings";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Io } from "../output/io.ts";

export const daemonLogOf = (home: string): string => join(home, "daemon", "log");

/** A log that is larger than this becomes `log.1`. */
const MAX_LOG_BYTES = 8 * 1024 * 1024;

/** Variables of a session. The daemon belongs to none. */
const NOT_INHERITED = /^AO_(SESSION_ID|PROJECT_ID|ISSUE_ID|PROMPT_FILE|LAUNCH|PORT(_\d+)?|CONFIG_PATH)$/;

export interface Starting {
  child: ChildProcess;
  /** Where in the log this start begins. */
  logFrom: number;
  /** Set when the process ended. */
  exit: { code: number | null; signal: NodeJS.Signals | null } | null;
}

function daemonProgram(): string {
  return fileURLToPath(new URL("./daemon.js", import.meta.url));
}

/**
 * A small young generation, so that a burst of work does not keep memory in a process that is mostly idle. With 200
 * sessions this saves about 50 MB, and costs a few percent of time under load.
 */
const DAEMON_FLAGS = ["--max-semi-space-size=2"];

export const daemonArgv = (io: Io): [string, ...string[]] => [io.nodePath, ...DAEMON_FLAGS, daemonProgram()];

export function daemonEnv(io: Io, home: string): Record<string, string> {
  const kept = Object.entries(withoutSurroundings(io.env)).filter(([name]) => !NOT_INHERITED.test(name));
  return { ...Object.fromEntries(kept), AO_HOME: home };
}

/** Starts a daemon that outlives this process. A lock decides which of several becomes the daemon. */
export function startDaemon(io: Io, home: string): Starting {
  const program = daemonProgram();
  if (!existsSync(program)) {
    throw new AoError("UNAVAILABLE", "this build of ao has no daemon", {
      hint: "Install ao again (in a checkout: npm run build).",
    });
  }
  const log = openLog(home);
  const [node, ...args] = daemonArgv(io);
  const child = spawn(node, args, {
    cwd: home,
    env: daemonEnv(io, home),
    detached: true,
    stdio: ["ignore", log, log],
  });
  const starting: Starting = { child, logFrom: fstatSync(log).size, exit: null };
  child.on("exit", (code, signal) => {
    starting.exit = { code, signal };
  });
  child.on("error", () => {
    starting.exit = { code: 69, signal: null };
  });
  child.unref();
  return starting;
}

function openLog(home: string): number {
  const path = daemonLogOf(home);
  try {
    if (!existsSync(home)) ensureDir(home);
    guardFolder(home);
    ensureDir(join(home, "daemon"));
    if (isThere(path) && realFs.lstat(path).size > MAX_LOG_BYTES) realFs.rename(path, `${path}.1`);
    // Without O_NONBLOCK, a pipe in its place would make us wait for a reader.
    return realFs.open(path, OPEN.append | constants.O_NONBLOCK, 0o600);
  } catch (error) {
    const cause = fileError("write", path, error);
    // Something else is in the place of one of our own files or folders.
    if (cause.code === "REFUSED" && existsSync(home)) throw cause;
    throw new AoError("UNAVAILABLE", `cannot write to ${home}: ${cause.message}`, {
      hint: "Make the folder writable, free some disk space, or set AO_HOME to another folder.",
      cause,
    });
  }
}
