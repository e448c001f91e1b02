import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { atomicReplace, ensureDir } from "@agent-orchestrator/core/host/files";
import { z } from "zod";
import { PermissionRequest } from "./wire.ts";

const FILE = "opencode.json";
/** The user name of OpenCode's server. */
export const USER = "opencode";

/**
 * What a launch leaves for its watcher, this daemon or a later one. The file contains the server's password. Only this user can read it,
 * and it is outside the checkout.
 */
export const LaunchRecord = z.looseObject({
  version: z.literal(1),
  /** Null if core did not count it. */
  launch: z.number().nullable(),
  port: z.number(),
  password: z.string(),
  /** Where the program works. A conversation of another folder is never used. */
  directory: z.string(),
  /** Null until it was started. */
  conversation: z.string().nullable(),
  program: z.string(),
  /** What `opencode export` needs to find the conversation once the program has ended: folders, no secrets. */
  places: z.record(z.string(), z.string()),
  model: z.string().nullable(),
  /** What this launch has to send to the agent. Null if there is nothing, or it was sent. */
  promptFile: z.string().nullable(),
  /** Patterns that the user allowed permanently while it ran, by kind of permission. */
  allowed: z.record(z.string(), z.array(z.string())),
  /** Requests that are not settled yet, as far as its events reported. */
  open: z.array(PermissionRequest).default([]),
});
export type LaunchRecord = z.infer<typeof LaunchRecord>;

/** Null if this plugin never launched this session, or its folder is gone. */
export function readRecord(sessionDir: string): LaunchRecord | null {
  const path = join(sessionDir, FILE);
  if (!existsSync(path)) return null;
  const parsed = LaunchRecord.safeParse(parseJson(readFileSync(path, "utf8")));
  return parsed.success ? parsed.data : null;
}

export function writeRecord(sessionDir: string, record: LaunchRecord): void {
  ensureDir(sessionDir);
  atomicReplace(join(sessionDir, FILE), `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
}

export function changeRecord(sessionDir: string, change: Partial<LaunchRecord>): void {
  const record = readRecord(sessionDir);
  if (record !== null) writeRecord(sessionDir, { ...record, ...change });
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Cut off, or not ours. The schema rejects it.
  }
}
