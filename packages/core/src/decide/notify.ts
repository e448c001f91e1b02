import { EVENT_PRIORITY, type EventDraft } from "../model/event.ts";
import type { DecideContext } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import type { Priority, SessionStatus } from "../model/status.ts";
import { at } from "../model/time.ts";
import { CAUSE, isOfAgents, isOfRepository, whicheverSince, withoutDialog } from "./causes.ts";
import { act, type Draft, patch } from "./draft.ts";

/** Told causes that are remembered. */
const KEPT_CAUSES = 120;
/** What the user did through `ao` explains what is seen of it within this time. */
const JUST_DID_MS = 120_000;
const DEFAULT_ROUTED: readonly Priority[] = ["urgent", "action"];

/** States that may be over within seconds: told only if they still hold after this long. */
const SETTLE: Partial<Record<EventDraft["type"], { ms: number; whileStatus: SessionStatus[] }>> = {
  "session.needs_input": { ms: 2000, whileStatus: ["needs_input"] },
};

export const priorityOf = (event: EventDraft): Priority => event.priority ?? EVENT_PRIORITY[event.type];

/** Tells the user once of a cause, if some channel wants its priority. */
export function tell(draft: Draft, event: EventDraft, cause: string): void {
  if (!markTold(draft, cause) || !isRouted(draft, event)) return;
  const settle = SETTLE[event.type];
  const notification = { event, cause, settleMs: settle?.ms ?? 0, whileStatus: settle?.whileStatus ?? null };
  const scope = isOfRepository(cause) || isOfAgents(cause) ? "" : `${draft.record.id}:`;
  act(draft, { kind: "notify", key: `notify:${scope}${cause}`, notification });
}

/** The user knows, or need not. False: they did already. What is a whole repository's is remembered there, as long as it lasts. */
export function markTold(draft: Draft, cause: string): boolean {
  if (isOfRepository(cause)) return true;
  const told = draft.record.told ?? [];
  if (told.includes(cause)) return false;
  const always = whicheverSince(draft.record, cause);
  const names = [withoutDialog(cause), always, cause].filter((name) => name !== null && !told.includes(name));
  patch(draft, { told: [...told, ...names].slice(-KEPT_CAUSES) as string[] });
  return always === null || !told.includes(always);
}

export function isRouted({ ctx }: Pick<Draft, "ctx">, event: EventDraft): boolean {
  const priority = priorityOf(event);
  const { notify } = ctx.policy;
  return notify === undefined ? DEFAULT_ROUTED.includes(priority) : notify.channels[priority].length > 0;
}

/** Events that never notify by themselves: whoever makes them does, or a reaction with what it makes of them. */
const TOLD_ELSEWHERE: ReadonlySet<EventDraft["type"]> = new Set<EventDraft["type"]>([
  "reaction.triggered",
  "reaction.escalated",
  "session.exited",
  "ci.blocked",
  "limit.warning",
  "limit.reached",
  "agent.limited",
  "agent.limit_ended",
]);

/** Every event is told by its priority, but for what the user just did, and for what a reaction has told already. */
export function notifyOfEvents(draft: Draft): void {
  for (const event of draft.events) {
    if (TOLD_ELSEWHERE.has(event.type) || isOwnDoing(draft, event) || !isRouted(draft, event)) continue;
    tell(draft, event, causeOf(draft, event));
  }
}

/** The cause of an event, named as a reaction to the same thing names it. */
function causeOf(draft: Draft, event: EventDraft): string {
  const { record } = draft;
  switch (event.type) {
    case "session.needs_input":
      return CAUSE.needsInput(record);
    case "session.stuck":
      return record.launch.last?.exit ? CAUSE.exit(record) : CAUSE.stuck(record);
    case "session.errored":
    case "session.exited":
    case "session.killed":
      return CAUSE.exit(record);
    case "merge.ready":
      return CAUSE.ready(record);
    case "pr.merged":
    case "merge.completed":
      return CAUSE.merged(record);
    case "pr.closed":
      return CAUSE.closed(record);
    default:
      return `${event.type}:${draft.now}`;
  }
}

/** Whether the user did this through `ao` a moment ago. */
export function justDid({ humanDid }: SessionRecord, { nowMs }: DecideContext, what: string): boolean {
  const when = humanDid?.[what];
  return when !== undefined && nowMs - at(when) <= JUST_DID_MS;
}

function isOwnDoing(draft: Draft, event: EventDraft): boolean {
  const { record, ctx } = draft;
  switch (event.type) {
    case "merge.completed":
    case "pr.merged":
      return record.pr.mergedBy === "user" || justDid(record, ctx, "merged");
    case "review.approved":
    case "review.changes_requested":
      return justDid(record, ctx, "reviewed");
    case "session.killed":
      return record.ending?.by === "user";
    default:
      return false;
  }
}
