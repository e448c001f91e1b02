import { join } from "node:path";
import { keptFile } from "@agent-orchestrator/agent-kit/kept";
import { z } from "zod";

/** No more requests than this are partially answered at once. */
const KEPT = 20;

/** The replies to the first questions of requests with several. Codex accepts only all at once, and a restart must not ask again. */
export interface Replies {
  of(key: string): unknown[];
  keep(key: string, replies: readonly unknown[]): void;
  drop(key: string): void;
}

/** On disk, in the session's folder. */
export function openReplies(sessionDir: string): Replies {
  const file = keptFile(join(sessionDir, "codex-replies.json"), z.record(z.string(), z.array(z.unknown())));
  let kept = new Map(Object.entries(file.read() ?? {}));
  function write(next: Map<string, unknown[]>): void {
    kept = new Map([...next].slice(-KEPT));
    file.write(Object.fromEntries(kept));
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
