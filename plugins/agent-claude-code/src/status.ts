import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "@agent-orchestrator/agent-kit/kept";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { lookOnChange } from "@agent-orchestrator/plugin-kit/files/look-on-change";
import { lookUp, type ProcessRow } from "@agent-orchestrator/plugin-kit/process";
import { z } from "zod";
import { statusDir } from "./launch/conversation.ts";
import type { Signals } from "./signals.ts";

/** The live status file that Claude Code keeps of each of its processes: `sessions/<pid>.json`. */
export const StatusFile = z.looseObject({
  pid: z.number(),
  sessionId: z.string(),
  cwd: z.string().optional(),
  /** When the process started, in ticks since boot, as in /proc. A pid alone may belong to another process by now. */
  procStart: z.string().optional(),
  version: z.string().optional(),
  /** `idle`, `busy` or `waiting`. Absent while it starts. */
  status: z.string().optional(),
  waitingFor: z.string().optional(),
  statusUpdatedAt: z.number().optional(),
});
export type StatusFile = z.infer<typeof StatusFile>;

export const statusPath = (configDir: string, pid: number): string => join(statusDir(configDir), `${pid}.json`);

/** Null if it is missing, or being written: it is written in place. */
const readStatusFile = (path: string): StatusFile | null => readJson(path, StatusFile);

export function listStatusFiles(configDir: string): StatusFile[] {
  let names: string[];
  try {
    names = readdirSync(statusDir(configDir));
  } catch {
    return []; // Never run here.
  }
  return names
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => readStatusFile(join(statusDir(configDir), name)))
    .filter((status) => status !== null);
}

/** Whether the file's own process still runs. After a kill the file stays with its last content. */
export function isLive(status: StatusFile, lookUp: (pid: number) => ProcessRow | undefined): boolean {
  const row = lookUp(status.pid);
  if (row === undefined) return false;
  // Linux: "<boot>:<ticks>". Elsewhere the two are written differently, and the pid must suffice.
  const ticks = /:(\d+)$/.exec(row.startId)?.[1];
  return ticks === undefined || status.procStart === undefined || status.procStart === ticks;
}

/** Null if it does not say yet what the program does. */
export function statusOf({ status, waitingFor, statusUpdatedAt, version }: StatusFile): Signals["status"] {
  if (status === undefined || statusUpdatedAt === undefined) return null;
  return { state: status, waitingFor: waitingFor ?? null, sinceMs: statusUpdatedAt, version: version ?? null };
}

export interface StatusWatchOptions {
  configDir: string;
  /** The process that the runtime started: Claude Code itself, or a wrapper that started it. Null if the runtime does not say. */
  pid: number | null;
  /** The conversation that we started, which identifies the file of a program behind a wrapper. */
  conversation: string;
  clock: Clock;
  signal: AbortSignal;
  /** Null if there is none, yet or any more. */
  onStatus(status: StatusFile | null): void;
}

export interface StatusWatch {
  poke(): void;
  /** Reads it now. */
  read(): StatusFile | null;
  ended: Promise<void>;
}

/** The system reports changes. This is for those that it loses. */
const POLL_MS = 5_000;
/** The time between two searches for the file of a program behind a wrapper. */
const SEARCH_MS = 5_000;
/** It is written in place, so an incomplete file is complete a moment later. */
const AGAIN_MS = 10;
const TRIES = 5;

/** Follows the live status file of one process. */
export function watchStatus(options: StatusWatchOptions): StatusWatch {
  const { configDir, clock, signal } = options;
  let path = statusPath(configDir, options.pid ?? 0);
  let searchedAt = Number.NEGATIVE_INFINITY;
  const read = (): StatusFile | null => {
    const status = readStatusFile(path);
    return status !== null && isLive(status, lookUp) ? status : null;
  };
  const look = async (): Promise<void> => {
    if (!existsSync(path) && clock.monotonic() - searchedAt > SEARCH_MS) {
      searchedAt = clock.monotonic();
      path = statusPath(configDir, findPid(options) ?? options.pid ?? 0);
    }
    const isThere = existsSync(path);
    // An incomplete file says nothing, so the previous state remains.
    for (let tries = 0; isThere && readStatusFile(path) === null && tries < TRIES; tries++)
      await clock.sleep(AGAIN_MS, signal);
    if (!isThere || readStatusFile(path) !== null) options.onStatus(read());
  };
  const looking = lookOnChange({ path, isFolder: false, clock, signal, pollMs: POLL_MS, gapMs: 5, look });
  return { ...looking, read };
}

function findPid({ configDir, conversation }: StatusWatchOptions): number | null {
  const found = listStatusFiles(configDir).find((each) => each.sessionId === conversation && isLive(each, lookUp));
  return found?.pid ?? null;
}
