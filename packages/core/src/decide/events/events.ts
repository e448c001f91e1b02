import type { EventDraft } from "../../model/event.ts";
import type { Change, EventRule } from "./change.ts";
import { MESSAGE_EVENTS } from "./message.ts";
import { PR_EVENTS } from "./pull-request.ts";
import { REVIEW_EVENTS } from "./review.ts";
import { SESSION_EVENTS } from "./session.ts";

const RULES: readonly EventRule[] = [...SESSION_EVENTS, ...MESSAGE_EVENTS, ...PR_EVENTS, ...REVIEW_EVENTS];

/** The transitions between two states of a session, as events with the facts that caused them. */
export function eventsOf(change: Change): EventDraft[] {
  return RULES.flatMap((rule) => rule(change) ?? []);
}
