import type { UsageReport } from "@agent-orchestrator/core/model/usage";
import type { JournalEntry } from "../wire.ts";

/** What a starting host learns from this session's journal. */
export interface Memory {
  /** Messages that were sent to an agent, and must not be sent again. */
  sent: Set<string>;
  usage: Map<string, UsageReport>;
  session: Extract<JournalEntry, { k: "session" }> | null;
  /** Messages that waited when the last host ended, and were never sent. */
  waiting: string[];
}

export function recall(entries: readonly JournalEntry[]): Memory {
  const memory: Memory = { sent: new Set(), usage: new Map(), session: null, waiting: [] };
  const waiting = new Set<string>();
  for (const entry of entries) {
    switch (entry.k) {
      case "queued":
        waiting.add(entry.id);
        break;
      case "sent":
        memory.sent.add(entry.id);
        waiting.delete(entry.id);
        break;
      case "dropped":
        waiting.delete(entry.id);
        break;
      case "usage":
        memory.usage.set(entry.usage.key, entry.usage);
        break;
      case "session":
        memory.session = entry;
        break;
      case "lost":
        if (memory.session?.id === entry.id) memory.session = null;
        break;
      default:
        break;
    }
  }
  memory.waiting = [...waiting];
  return memory;
}
