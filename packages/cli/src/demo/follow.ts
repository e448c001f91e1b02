import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import type { Context } from "../command.ts";
import type { Stage } from "./stage.ts";
import type { Story } from "./story.ts";

/** Events that only repeat the lines next to them. */
const SILENT = new Set([
  "session.working",
  "session.idle",
  "reaction.triggered",
  "review.pending",
  "pr.updated",
  "session.exited",
]);
const QUOTED_LINES = 14;

/** Prints every event as the daemon logs it, the messages to agents, and the notifications to the user. */
export function followEvents({ ao, story }: { stage: Stage; ao: Context; story: Story }): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const tell = (event: OrchestratorEvent) => {
    const who = event.sessionId ?? "ao";
    if (event.type === "ao.intent") tellNotification(story, event);
    if (event.type.startsWith("ao.") || SILENT.has(event.type)) return;
    story.event(who, `${event.type.padEnd(24)} ${event.message.replace(`${who}: `, "")}`);
    if (typeof event.data.text === "string") story.quote(event.data.text, QUOTED_LINES);
  };
  const done = ao
    .ask(
      "events",
      { follow: true, all: true, limit: 0 },
      {
        signal: stopping.signal,
        onItem: (item) => {
          tell(item as unknown as OrchestratorEvent);
        },
      },
    )
    .catch((error: unknown) => {
      if (!stopping.signal.aborted) story.event("ao", `the events broke off: ${toAoError(error).message}`);
    });
  return {
    async stop() {
      await new Promise((resolve) => setTimeout(resolve, 300)); // the last lines are still on their way
      stopping.abort();
      await done;
    },
  };
}

function tellNotification(story: Story, event: OrchestratorEvent): void {
  const intent = event.intent as
    | { action?: { kind?: string; notification?: { event?: { message?: string } } } }
    | undefined;
  const message = intent?.action?.kind === "notify" ? intent.action.notification?.event?.message : undefined;
  if (message !== undefined) story.notify(message);
}
