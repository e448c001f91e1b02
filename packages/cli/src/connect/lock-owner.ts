import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { listProcesses, lookUp, type ProcessRow } from "@agent-orchestrator/plugin-kit/process";
import { readDaemonFile } from "./home.ts";

/** The process that holds the lock of this home, or null if none does. */
export function lockOwner(home: string): ProcessRow | null {
  const { pid, startId } = readDaemonFile(home);
  const named = pid === null ? undefined : lookUp(pid);
  if (process.platform !== "linux") {
    // There the kernel names no holder. The start time tells a later process with the same pid apart.
    return named !== undefined && startId !== null && named.startId === startId ? named : null;
  }
  const lock = fileIdOf(join(home, "daemon", "lock"));
  if (lock === null) return null;
  if (named !== undefined && holds(named.pid, lock)) return named;
  return listProcesses().find((row) => !row.isZombie && holds(row.pid, lock)) ?? null;
}

interface FileId {
  dev: number;
  ino: number;
}

function fileIdOf(path: string): FileId | null {
  try {
    const { dev, ino } = statSync(path);
    return { dev, ino };
  } catch {
    return null; // no daemon has run here yet, or the file was closed meanwhile
  }
}

/** Whether the process has that file open and a lock on it: proc_pid_fdinfo(5), `lock:`. */
function holds(pid: number, lock: FileId): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const id = fileIdOf(`/proc/${pid}/fd/${fd}`);
      if (id?.ino !== lock.ino || id.dev !== lock.dev) return false;
      return readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8").includes("\nlock:");
    });
  } catch {
    return false; // another user's, or it has ended
  }
}

/** Why there is no answer, if a daemon holds the lock and does not run. Null if it does, or if there is none. */
export function stoppedError(home: string): AoError | null {
  const owner = lockOwner(home);
  return owner?.isStopped === true ? isStopped(owner) : null;
}

const isStopped = ({ pid }: ProcessRow): AoError =>
  new AoError("UNREACHABLE", `the daemon (pid ${pid}) does not answer, because a signal has stopped it`, {
    hint: `Run \`kill -CONT ${pid}\` to let it continue, or \`ao restart\`. The agents keep running.`,
    details: { pid },
  });

/** Why there was no answer within `limitMs`. */
export function silentError(home: string, limitMs: number): AoError {
  const owner = lockOwner(home);
  if (owner?.isStopped === true) return isStopped(owner);
  const who = owner === null ? "the daemon" : `the daemon (pid ${owner.pid})`;
  return new AoError("UNREACHABLE", `${who} did not answer within ${limitMs / 1000} s`, {
    hint: "`ao logs` shows what it is doing, and `ao restart` replaces it. The agents keep running.",
    ...(owner === null ? {} : { details: { pid: owner.pid } }),
  });
}
