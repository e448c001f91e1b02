import { EVENT_PRIORITY, type EventDraft } from "../model/event.ts";
import type { Priority, SessionStatus } from "../model/status.ts";
import { at } from "../model/time.ts";
import { act, type Draft, patch } from "./draft.ts";

/** Told causes that are remembered. */
const KEPT_CAUSES = 60;
/** What the human did through `ao` explains what is seen of it within this time. */
const JUST_DID_MS = 120_000;
const DEFAULT_ROUTED: readonly Priority[] = ["urgent", "action"];

/** States that may be over within seconds: told only if they still hold after this long. */
const SETTLE: Partial<Record<EventDraft["type"], { ms: number; whileStatus: SessionStatus[] }>> = {
  "session.needs_input": { ms: 2000, whileStatus: ["needs_input"] },
};

export const priorityOf = (event: EventDraft): Priority => event.priority ?? EVENT_PRIORITY[event.type];

/** Tells the human once of a cause, if some channel wants its priority. */
export function tell(draft: Draft, event: EventDraft, cause: string): void {
  const told = draft.record.told ?? [];
  if (told.includes(cause)) return;
  patch(draft, { told: [...told, cause].slice(-KEPT_CAUSES) });
  if (!(draft.ctx.policy.routed ?? DEFAULT_ROUTED).includes(priorityOf(event))) return;
  const settle = SETTLE[event.type];
  const notification = { event, cause, settleMs: settle?.ms ?? 0, whileStatus: settle?.whileStatus ?? null };
  act(draft, { kind: "notify", key: `notify:${draft.record.id}:${cause}`, notification });
}

/** Every event is told by its priority, but for what the human just did, and for what a reaction has told already. */
export function notifyOfEvents(draft: Draft): void {
  for (const event of draft.events) {
    if (event.type.startsWith("reaction.") || isOwnDoing(draft, event)) continue;
    tell(draft, event, causeOf(draft, event));
  }
}

/** One cause has one name, whichever event or reaction comes from it. */
export function causeOf(draft: Draft, event: EventDraft): string {
  const { record } = draft;
  const head = record.pr === null ? "" : `${record.pr.info.number}:${record.pr.headSha}`;
  switch (event.type) {
    case "session.needs_input":
      return `needs-input:${record.activity?.since}`;
    case "session.stuck":
    case "session.errored":
    case "session.exited":
    case "session.killed":
      return record.launch?.exit
        ? `exit:${record.launch.number}`
        : `${event.type}:${record.turns}:${record.launch?.number ?? 0}`;
    case "merge.ready":
      return `ready:${head}`;
    case "pr.merged":
    case "merge.completed":
      return `merged:${record.pr?.info.number}`;
    case "pr.closed":
      return `closed:${head}`;
    default:
      return `${event.type}:${head}:${draft.now}`;
  }
}

function isOwnDoing(draft: Draft, event: EventDraft): boolean {
  const { record, ctx } = draft;
  const justDid = (what: string): boolean => {
    const when = record.humanDid?.[what];
    return when !== undefined && ctx.nowMs - at(when) <= JUST_DID_MS;
  };
  switch (event.type) {
    case "merge.completed":
    case "pr.merged":
      return record.mergedBy === "user" || justDid("merged");
    case "review.approved":
    case "review.changes_requested":
      return justDid("reviewed");
    case "session.killed":
      return record.ending?.by === "user";
    default:
      return false;
  }
}
