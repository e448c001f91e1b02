import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { JournalEntry } from "./wire.ts";

/** The fact that core gets for an entry of the journal. */
export function factsOf(entry: JournalEntry): AgentFact[] {
  switch (entry.k) {
    case "accepted": {
      const { id, text, at } = entry;
      if (id !== null) return [{ kind: "accepted", messageId: id, at }];
      return text === null ? [] : [{ kind: "accepted", text, at }];
    }
    case "turn":
      return [{ kind: "turn-ended", at: entry.at }];
    case "session":
      return [{ kind: "info", info: { agentSessionId: entry.id } }];
    case "title":
      return [{ kind: "info", info: { summary: entry.title } }];
    case "usage":
      return [{ kind: "usage", usage: entry.usage }];
    case "repository":
      return [{ kind: "repository-changed", at: entry.at, what: entry.what }];
    default:
      return []; // The host's own memory.
  }
}
