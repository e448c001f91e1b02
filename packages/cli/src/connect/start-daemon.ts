import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, fstatSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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
      hint: "Run `npm run build` in its checkout.",
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
    mkdirSync(home, { recursive: true, mode: 0o700 });
    mkdirSync(join(home, "daemon"), { recursive: true, mode: 0o700 });
    if (existsSync(path) && statSync(path).size > MAX_LOG_BYTES) renameSync(path, `${path}.1`);
    return openSync(path, "a", 0o600);
  } catch (cause) {
    throw new AoError("UNAVAILABLE", `cannot write to ${home}: ${(cause as Error).message}`, {
      hint: "Make the folder writable, free some disk space, or set AO_HOME to another folder.",
      cause,
    });
  }
}
