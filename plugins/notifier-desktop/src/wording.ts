import { oneLine } from "@agent-orchestrator/core/host/text";
import type { EventType, OrchestratorEvent } from "@agent-orchestrator/core/model/event";

export interface Notice {
  title: string;
  body: string;
  urgency: "critical" | "normal" | "low";
}

const URGENCY: Record<OrchestratorEvent["priority"], Notice["urgency"]> = {
  urgent: "critical",
  action: "normal",
  warning: "normal",
  info: "low",
};

/** What the title alone should say: which session, and what about it. */
const NEEDS: Partial<Record<EventType, string>> = {
  "session.stuck": "is stuck",
  "session.needs_input": "asks a question",
  "session.errored": "failed",
  "session.idle": "is waiting for you",
  "session.exited": "has ended",
  "session.killed": "was ended",
  "reaction.escalated": "needs your help",
  "review.approved": "is approved",
  "merge.ready": "is ready to merge",
  "merge.completed": "is merged",
  "pr.merged": "is merged",
  "pr.closed": "was closed without a merge",
  "ci.failing": "has failing checks",
  "ci.fix_failed": "still has failing checks",
  "review.changes_requested": "has requested changes",
  "merge.conflicts": "conflicts with its base",
  "summary.all_complete": "all sessions have ended",
};

/** An event may contain strangers' text, so everything is one cleaned line without markup. */
export function wording(event: OrchestratorEvent): Notice {
  const who = event.sessionId ?? event.projectId ?? "ao";
  const need = NEEDS[event.type as EventType] ?? event.type.replace(/[._]/g, " ");
  return {
    title: oneLine(`${who} ${need}`, 80),
    body: oneLine(event.message, 300),
    urgency: URGENCY[event.priority],
  };
}

/** Notification servers read the body as markup. Strangers' links and images must stay text. */
export const escapeMarkup = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
