import type { EventDraft, EventType } from "../../model/event.ts";
import type { DecideContext } from "../../model/policy.ts";
import type { SessionRecord } from "../../model/session.ts";

/** What an event rule sees: the session before and after this decision. */
export interface Change {
  before: SessionRecord;
  after: SessionRecord;
  ctx: DecideContext;
  /** The status rule's reason, as of now. */
  because: string;
}

/** A transition that is an event; null where nothing of the kind happened. */
export type EventRule = (change: Change) => EventDraft | EventDraft[] | null;

export const event = (type: EventType, message: string, data: Record<string, unknown>): EventDraft => ({
  type,
  message,
  data,
});
