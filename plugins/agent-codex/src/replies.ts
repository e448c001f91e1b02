import { join } from "node:path";
import { atomicReplace, ensureDir, readText } from "@agent-orchestrator/core/host/files";
import { z } from "zod";

const MAX_BYTES = 256 * 1024;
/** No more requests than this are partially answered at once. */
const KEPT = 20;
const File = z.record(z.string(), z.array(z.unknown()));

/** The replies to the first questions of requests with several. Codex accepts only all at once, and a restart must not ask again. */
export interface Replies {
  of(key: string): unknown[];
  keep(key: string, replies: readonly unknown[]): void;
  drop(key: string): void;
}

/** On disk, in the session's folder. */
export function openReplies(sessionDir: string): Replies {
  const file = join(sessionDir, "codex-replies.json");
  let kept = read(file);
  function write(next: Map<string, readonly unknown[]>): void {
    ensureDir(sessionDir);
    kept = new Map([...next].slice(-KEPT));
    atomicReplace(file, `${JSON.stringify(Object.fromEntries(kept))}\n`);
  }
  return {
    of: (key) => [...(kept.get(key) ?? [])],
    keep: (key, replies) => write(new Map(kept).set(key, [...replies])),
    drop(key) {
      if (kept.has(key)) write(new Map([...kept].filter(([each]) => each !== key)));
    },
  };
}

export const noReplies: Replies = { of: () => [], keep: () => undefined, drop: () => undefined };

function read(file: string): Map<string, readonly unknown[]> {
  const text = readText(file, { maxBytes: MAX_BYTES });
  if (text === null) return new Map();
  try {
    return new Map(Object.entries(File.parse(JSON.parse(text))));
  } catch {
    return new Map(); // Not ours, so ask from the first question.
  }
}
