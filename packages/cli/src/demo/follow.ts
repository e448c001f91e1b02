import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import type { Context } from "../command.ts";
import type { Stage } from "./stage.ts";
import type { Story } from "./story.ts";

/** Steps that would only repeat what the neighbouring lines say. */
const SILENT = new Set([
  "session.working",
  "session.idle",
  "reaction.triggered",
  "review.pending",
  "pr.updated",
  "session.exited",
]);
/** Told with the words that were sent. */
const SENT = new Set(["ci.fix_sent", "review.comments_sent"]);
const QUOTED_LINES = 9;

/** Tells every event as the daemon logs it, what was sent to agents, and what the human would be notified of. */
export function followEvents({ ao, story }: { stage: Stage; ao: Context; story: Story }): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const tell = async (event: OrchestratorEvent) => {
    const who = event.sessionId ?? "ao";
    if (event.type === "ao.intent") tellNotification(story, event);
    if (event.type.startsWith("ao.") || SILENT.has(event.type)) return;
    story.event(who, `${event.type.padEnd(24)} ${event.message.replace(`${who}: `, "")}`);
    if (SENT.has(event.type) && event.sessionId !== null) await tellMessage(ao, story, event.sessionId);
  };
  let queue: Promise<unknown> = Promise.resolve();
  const done = ao
    .ask(
      "events",
      { follow: true, all: true, limit: 0 },
      {
        signal: stopping.signal,
        onItem: (item) => {
          queue = queue.then(() => tell(item as unknown as OrchestratorEvent));
        },
      },
    )
    .catch((error: unknown) => {
      if (!stopping.signal.aborted) story.event("ao", `the story broke off: ${toAoError(error).message}`);
    });
  return {
    async stop() {
      await new Promise((resolve) => setTimeout(resolve, 300)); // the last lines are on their way
      await queue;
      stopping.abort();
      await done;
    },
  };
}

/** The newest message of a reaction, as the agent gets it. */
async function tellMessage(ao: Context, story: Story, session: string): Promise<void> {
  const { data } = await ao.ask("show", { session });
  const message = data.messages.filter(({ origin }) => origin === "reaction").at(-1);
  if (message !== undefined) story.quote(message.text, QUOTED_LINES);
}

function tellNotification(story: Story, event: OrchestratorEvent): void {
  const intent = event.intent as
    | { action?: { kind?: string; notification?: { event?: { message?: string } } } }
    | undefined;
  const message = intent?.action?.kind === "notify" ? intent.action.notification?.event?.message : undefined;
  if (message !== undefined) story.notify(message);
}
