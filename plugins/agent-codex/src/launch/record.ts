import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { keptFile } from "@agent-orchestrator/agent-kit/kept";
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

const launchFile = (sessionDir: string) => keptFile(join(sessionDir, "codex.json"), LaunchRecord);
const threadFile = (sessionDir: string) => keptFile(join(sessionDir, "codex-thread.json"), ThreadRecord);

export const readLaunch = (sessionDir: string): LaunchRecord | null => launchFile(sessionDir).read();
export const readThread = (sessionDir: string): ThreadRecord | null => threadFile(sessionDir).read();

export const writeLaunch = (sessionDir: string, record: LaunchRecord): void => launchFile(sessionDir).write(record);

export function writeThread(sessionDir: string, record: ThreadRecord): void {
  const file = threadFile(sessionDir);
  if (!isDeepStrictEqual(file.read(), record)) file.write(record);
}
