import { open } from "node:fs/promises";
import { join } from "node:path";
import { isErrno } from "../files/read-small.ts";
import type { Repository } from "./repository.ts";

export interface Birth {
  /** When the ref was made; to the second. A branch that was renamed keeps the time of its first name. */
  atMs: number;
  /** What git noted: `branch: Created from HEAD`, `update by push`, … */
  message: string;
}

/** The first line of a ref's log. null: it has none (a bare repository, `core.logAllRefUpdates` off), so nobody can tell. */
export async function birthOf(repo: Repository, ref: string): Promise<Birth | null> {
  const line = await firstLine(join(repo.commonDir, "logs", ref));
  const match = /^[0-9a-f]+ [0-9a-f]+ .*> (\d+) [+-]\d{4}(?:\t(.*))?$/.exec(line ?? "");
  return match === null ? null : { atMs: Number(match[1]) * 1000, message: match[2] ?? "" };
}

const MAX_LINE_BYTES = 4096;

async function firstLine(path: string): Promise<string | null> {
  const handle = await open(path, "r").catch((error: unknown) => {
    if (isErrno(error, "ENOENT") || isErrno(error, "ENOTDIR")) return null;
    throw error;
  });
  if (handle === null) return null;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_LINE_BYTES), 0, MAX_LINE_BYTES, 0);
    return buffer.toString("utf8", 0, bytesRead).split("\n")[0] ?? null;
  } finally {
    await handle.close();
  }
}
