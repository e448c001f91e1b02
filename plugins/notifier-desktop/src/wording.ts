import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import type { NotifyAction, NotifyContext } from "@agent-orchestrator/core/slots/notifier";
import { documentOf, line, titleOf } from "@agent-orchestrator/plugin-kit/notice";
import { buttonsOf, isCut } from "./buttons.ts";
import type { Button, Notice, Priority } from "./screen.ts";

const MAX_TITLE = 80;
const MAX_BODY = 300;

const URGENCY: Record<Priority, Notice["urgency"]> = {
  urgent: "critical",
  action: "normal",
  warning: "normal",
  info: "low",
};

/** An event may contain strangers' text, so everything is one cleaned line. It is not escaped yet. */
export function wording(event: OrchestratorEvent, actions: readonly NotifyAction[] = []): Notice {
  const { priority, type, sessionId, id } = event;
  const several = Array.isArray(event.data.notices) ? (event.data.notices as unknown[]) : [];
  return {
    title: titleOf(event),
    body: line(event.message, MAX_BODY),
    urgency: URGENCY[priority],
    isAsking: priority === "urgent" || priority === "action",
    place: several.length > 0 ? "several" : sessionId === null ? `event ${type}` : `session ${sessionId}`,
    ids: [id, ...several.flatMap(idOf)],
    buttons: buttonsOf(actions),
    command: actions.length > 0 ? documentOf(event).command : null,
    isCut: isCut(actions),
  };
}

function idOf(notice: unknown): string[] {
  const { id } = (notice ?? {}) as { id?: unknown };
  return typeof id === "string" ? [id] : [];
}

export function wordingOfText(message: string, about: NotifyContext = {}): Notice {
  return plain(line(about.sessionId ?? about.projectId ?? "ao", MAX_TITLE), line(message, MAX_BODY));
}

/** What the user is told about a button that was pressed, in the place of the notification that had it. */
export const reply = (text: string, { title, place, ids }: Notice): Notice => ({
  ...plain(title, line(text, MAX_BODY)),
  ...{ place, ids },
});

/** Asks once more. The button that was pressed may have been hit by accident. */
export function confirmation({ title, place, ids }: Notice, merge: { endpoint: string; session: string }): Notice {
  const buttons: Button[] = [
    { key: "yes", label: "Merge", press: { kind: "act", endpoint: merge.endpoint } },
    { key: "no", label: "Cancel", press: { kind: "cancel" } },
  ];
  const asked = plain(line(`Merge ${merge.session}?`, MAX_TITLE), title);
  return { ...asked, isAsking: true, place, ids, buttons, command: `ao merge ${merge.session}` };
}

const plain = (title: string, body: string): Notice => ({
  ...{ title, body, urgency: "normal", isAsking: false, place: null, ids: [] },
  ...{ buttons: [], command: null, isCut: false },
});

/** The text, with the command as a line of its own where the buttons don't say it all. */
export function bodyOf({ body, command, isCut }: Notice, { hasButtons }: { hasButtons: boolean }): string {
  if (command === null || (hasButtons && !isCut)) return body;
  return `${line(body, MAX_BODY - command.length - 1)}\n${command}`.trim();
}

/** Notification servers that read the body as markup show what strangers wrote as text. */
export const escapeMarkup = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
