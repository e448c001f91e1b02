import { join } from "node:path";
import { keptFile } from "@agent-orchestrator/agent-kit/kept";
import { z } from "zod";
import { PermissionRequest } from "../server/wire.ts";

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

const recordFile = (sessionDir: string) => keptFile(join(sessionDir, FILE), LaunchRecord);

/** Null if this plugin never launched this session, or its folder is gone. */
export const readRecord = (sessionDir: string): LaunchRecord | null => recordFile(sessionDir).read();

export const writeRecord = (sessionDir: string, record: LaunchRecord): void => recordFile(sessionDir).write(record);

export const changeRecord = (sessionDir: string, change: Partial<LaunchRecord>): void =>
  recordFile(sessionDir).change(change);
