import { join } from "node:path";
import { atomicReplace, ensureDir, readText } from "@agent-orchestrator/core/host/files";
import { z } from "zod";

const KEPT = 200;
const Ids = z.array(z.string());

/** The ids of messages that were begun in this session, on disk before the first byte goes out: none is begun twice. */
export interface Sent {
  has(id: string): boolean;
  begin(id: string): void;
  /** It surely did not go in. */
  undo(id: string): void;
  isAccepted(id: string): boolean;
  /** true: the first time that this receipt is seen. */
  accept(id: string): boolean;
}

export function openSent(sessionDir: string): Sent {
  const file = join(sessionDir, "codex-sent.json");
  let ids = read(file);
  const accepted = new Set<string>();
  function write(next: string[]): void {
    ensureDir(sessionDir);
    atomicReplace(file, `${JSON.stringify(next.slice(-KEPT))}\n`);
    ids = next;
  }
  return {
    has: (id) => ids.includes(id),
    begin: (id) => write([...ids, id]),
    undo: (id) => write(ids.filter((each) => each !== id)),
    isAccepted: (id) => accepted.has(id),
    accept(id) {
      if (!ids.includes(id) || accepted.has(id)) return false;
      accepted.add(id);
      return true;
    },
  };
}

function read(file: string): string[] {
  const text = readText(file);
  if (text === null) return [];
  try {
    return Ids.parse(JSON.parse(text));
  } catch {
    return []; // Written by something else; no id of ours can be in it.
  }
}
