import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { oneLine } from "@agent-orchestrator/core/model/text";

/** One line on the state of a session, always with the reason. */
export function sessionText(view: SessionView): string {
  const reason = oneLine(view.attention?.reason ?? view.because);
  return `${stateText(view)}${reason === "" ? "" : `: ${reason}`}\n`;
}

/** `app-1 is merged`, without the reason. */
export const stateText = ({ id, status, isArchived }: SessionView): string =>
  `${id} is ${status}${isArchived ? " (archived)" : ""}`;

export const sessionTexts = (views: readonly SessionView[]): string => views.map(sessionText).join("");
