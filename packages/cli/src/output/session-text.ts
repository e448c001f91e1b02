import { oneLine } from "@agent-orchestrator/core/host/text";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";

/** One line on the state of a session. */
export function sessionText(view: SessionView): string {
  const reason = view.attention === null ? "" : ` · ${oneLine(view.attention.reason)}`;
  return `${view.id} is ${view.status}${view.isArchived ? " (archived)" : ""}${reason}\n`;
}

export const sessionTexts = (views: readonly SessionView[]): string => views.map(sessionText).join("");
