import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { atomicReplace } from "@agent-orchestrator/core/host/files";
import { z } from "zod";
import { PermissionRequest } from "./wire.ts";

const FILE = "opencode.json";
/** The name that OpenCode's server knows its one user by. */
export const USER = "opencode";

/**
 * What a launch leaves for whoever watches it, this daemon or a later one. The file has the server's password and is for this user
 * only; it lies outside the checkout.
 */
export const LaunchRecord = z.looseObject({
  version: z.literal(1),
  /** null: core did not count it. */
  launch: z.number().nullable(),
  port: z.number(),
  password: z.string(),
  /** Where the program works; a conversation of another folder is never taken. */
  directory: z.string(),
  /** null until it was begun. */
  conversation: z.string().nullable(),
  program: z.string(),
  /** What `opencode export` needs to find the conversation when the program is gone: folders, no secrets. */
  places: z.record(z.string(), z.string()),
  model: z.string().nullable(),
  /** What this launch has to say to the agent; null: nothing, or it was said. */
  promptFile: z.string().nullable(),
  /** Patterns that the human allowed for good while it ran, by kind of permission. */
  allowed: z.record(z.string(), z.array(z.string())),
  /** What was asked for and not settled yet, as far as its events told. */
  open: z.array(PermissionRequest).default([]),
});
export type LaunchRecord = z.infer<typeof LaunchRecord>;

/** null: this session was never launched by this plugin, or its folder is gone. */
export function readRecord(sessionDir: string): LaunchRecord | null {
  const path = join(sessionDir, FILE);
  if (!existsSync(path)) return null;
  const parsed = LaunchRecord.safeParse(parseJson(readFileSync(path, "utf8")));
  return parsed.success ? parsed.data : null;
}

export function writeRecord(sessionDir: string, record: LaunchRecord): void {
  mkdirSync(sessionDir, { recursive: true, mode: 0o700 });
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
    return null; // Cut off or of another making: the schema says no.
  }
}
