import { oneLine } from "@agent-orchestrator/core/host/text";
import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import { titleOf } from "@agent-orchestrator/plugin-kit/notice";

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

/** An event may contain strangers' text, so everything is one cleaned line without markup. */
export function wording(event: OrchestratorEvent): Notice {
  return {
    title: titleOf(event),
    body: oneLine(event.message, 300),
    urgency: URGENCY[event.priority],
  };
}

/** Notification servers read the body as markup. Strangers' links and images must stay text. */
export const escapeMarkup = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
