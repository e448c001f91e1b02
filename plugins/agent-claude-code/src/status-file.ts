import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "@agent-orchestrator/agent-kit/kept";
import type { ProcessRow } from "@agent-orchestrator/plugin-kit/process";
import { z } from "zod";
import { statusDir } from "./places.ts";
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
export const readStatusFile = (path: string): StatusFile | null => readJson(path, StatusFile);

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
