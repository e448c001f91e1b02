import type { LoggedEvent } from "@agent-orchestrator/core/protocol/results";

export const PRIORITIES = ["urgent", "action", "warning", "info"] as const;

/** Those that contain all words and have this priority. Empty: all. */
export function fittingEvents(events: readonly LoggedEvent[], wanted: { text: string; priority: string }) {
  const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
  return events.filter(({ type, priority, sessionId, message }) => {
    if (wanted.priority !== "" && priority !== wanted.priority) return false;
    const all = `${type} ${sessionId ?? ""} ${message ?? ""}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
