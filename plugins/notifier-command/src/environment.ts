import type { NotificationDocument } from "@agent-orchestrator/core/model/notification";

/**
 * The event as variables, for programs that don't parse JSON. All of them are always set, and empty where there is nothing to say, so
 * that `set -u` is no trap. Their texts are one line each, but for the choices, which are one on each line.
 */
export function eventVariables(event: NotificationDocument): Record<string, string> {
  return {
    AO_EVENT_ID: event.id,
    AO_EVENT_TIME: event.ts,
    AO_EVENT_TYPE: event.type,
    AO_EVENT_PRIORITY: event.priority,
    AO_EVENT_PROJECT: event.projectId ?? "",
    AO_EVENT_SESSION: event.sessionId ?? "",
    AO_EVENT_TITLE: event.title,
    AO_EVENT_MESSAGE: event.message,
    AO_EVENT_QUESTION: event.question?.text ?? "",
    AO_EVENT_CHOICES: event.question?.choices.join("\n") ?? "",
    AO_EVENT_URL: event.links[0]?.url ?? "",
    AO_EVENT_COMMAND: event.command ?? "",
  };
}
