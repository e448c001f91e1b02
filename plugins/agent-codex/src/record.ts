import { join } from "node:path";
import { atomicReplace, ensureDir, readText } from "@agent-orchestrator/core/host/files";
import { z } from "zod";

/** What a launch leaves for its watcher, even after a restart of the daemon: `codex.json` in the session's folder. */
export const LaunchRecord = z.looseObject({
  launch: z.number(),
  /** Of the app server. */
  socket: z.string(),
  log: z.string(),
  cwd: z.string(),
  codexHome: z.string(),
  permissions: z.enum(["default", "edits", "auto", "skip"]),
  /** Beginnings of commands that are allowed. */
  allow: z.array(z.string()),
  startedAtMs: z.number(),
  /** The launch itself starts a turn, so it is not idle before that one. */
  beginsTurn: z.boolean(),
  /** The conversation that it was told to continue. */
  resumes: z.string().nullable(),
});
export type LaunchRecord = z.infer<typeof LaunchRecord>;

/** The conversation that was seen in this session: `codex-thread.json`. */
export const ThreadRecord = z.looseObject({
  id: z.string(),
  cwd: z.string(),
  /** Codex's own record of it, a JSONL file. */
  path: z.string().nullable(),
  model: z.string().nullable(),
  summary: z.string().nullable(),
});
export type ThreadRecord = z.infer<typeof ThreadRecord>;

const launchFile = (sessionDir: string): string => join(sessionDir, "codex.json");
const threadFile = (sessionDir: string): string => join(sessionDir, "codex-thread.json");
const MAX_BYTES = 256 * 1024;

export const readLaunch = (sessionDir: string): LaunchRecord | null => read(launchFile(sessionDir), LaunchRecord);
export const readThread = (sessionDir: string): ThreadRecord | null => read(threadFile(sessionDir), ThreadRecord);

export function writeLaunch(sessionDir: string, record: LaunchRecord): void {
  ensureDir(sessionDir);
  atomicReplace(launchFile(sessionDir), `${JSON.stringify(record)}\n`);
}

export function writeThread(sessionDir: string, record: ThreadRecord): void {
  const text = `${JSON.stringify(record)}\n`;
  if (readText(threadFile(sessionDir), { maxBytes: MAX_BYTES }) === text) return;
  ensureDir(sessionDir);
  atomicReplace(threadFile(sessionDir), text);
}

function read<T>(path: string, schema: z.ZodType<T>): T | null {
  const text = readText(path, { maxBytes: MAX_BYTES });
  if (text === null) return null;
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null; // Not ours, or from another version. Treat it as missing.
  }
}
