import type { Action } from "../model/action.ts";
import type { EventDraft } from "../model/event.ts";
import type { SessionFact } from "../model/fact.ts";
import type { DecideContext } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import { oneLine } from "../model/text.ts";
import { updateActivity } from "./activity.ts";
import { updateAttention } from "./attention.ts";
import { deliver } from "./delivery.ts";
import { type Draft, newDraft, patch } from "./draft.ts";
import { eventsOf } from "./events/events.ts";
import { noteToldHead } from "./events/pull-request.ts";
import { reopenUnanswered } from "./facts/answers.ts";
import { applyFact } from "./facts/apply.ts";
import { noteClosedDialog } from "./last-dialog.ts";
import { followConflict } from "./lifecycle/conflict.ts";
import { judgeEnding } from "./lifecycle/ending.ts";
import { live } from "./lifecycle/lifecycle.ts";
import { followQueue } from "./lifecycle/merge-queue.ts";
import { finishMerged } from "./lifecycle/pull-request.ts";
import { keepLimits } from "./limit-hold.ts";
import { notifyOfEvents } from "./notify.ts";
import { react } from "./reactions/react.ts";
import { same } from "./same.ts";
import { deriveStatus, statusWakes } from "./status.ts";
import { endUnseenTurn } from "./turns.ts";
import { watchVendorLimit } from "./vendor-limit.ts";

export interface Decision {
  /** The same object as the record that was given when nothing changed. */
  next: SessionRecord;
  events: EventDraft[];
  actions: Action[];
  /** The earliest time at which time alone could change the decision. */
  wakeAtMs: number | null;
}

/** One step may allow another (a reaction queues a message, its delivery starts a turn): this often at most. */
const MAX_ROUNDS = 5;

/** What follows from these facts. Pure: the same input gives the same output, and facts are never acted on twice. */
export function decide(record: SessionRecord, facts: readonly SessionFact[], ctx: DecideContext): Decision {
  const draft = newDraft(record, ctx);
  for (const fact of facts) applyFact(draft, fact);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const start = draft.record;
    step(draft);
    if (draft.record === start) break;
  }
  noteClosedDialog(draft);
  const { because } = deriveStatus(draft.record, ctx);
  const events = eventsOf({ before: record, after: draft.record, ctx, because });
  noteToldHead(draft);
  draft.events.unshift(...events);
  notifyOfEvents(draft);
  updateAttention(draft);
  clean(draft);
  const wakes = [...draft.wakes, ...statusWakes(draft.record, ctx)].filter((ms) => ms > ctx.nowMs);
  return {
    next: same(draft.record, record) ? record : draft.record,
    events: draft.events,
    actions: draft.actions,
    wakeAtMs: wakes.length === 0 ? null : Math.min(...wakes),
  };
}

/** Titles and questions are strangers' words: what people read is one clean line. */
function clean(draft: Draft): void {
  const told = draft.actions.flatMap((action) => (action.kind === "notify" ? [action.notification.event] : []));
  for (const event of new Set([...draft.events, ...told])) event.message = oneLine(event.message, 300);
  const { attention } = draft.record;
  if (attention !== null) patch(draft, { attention: { ...attention, reason: oneLine(attention.reason) } });
}

function step(draft: Draft): void {
  reopenUnanswered(draft);
  updateActivity(draft);
  watchVendorLimit(draft);
  endUnseenTurn(draft);
  followQueue(draft);
  followConflict(draft);
  finishMerged(draft);
  judgeEnding(draft);
  keepLimits(draft);
  updateStatus(draft);
  live(draft);
  react(draft);
  deliver(draft);
  updateStatus(draft);
}

function updateStatus(draft: Draft): void {
  const { status, rule } = deriveStatus(draft.record, draft.ctx);
  if (status !== draft.record.status) patch(draft, { status, statusSince: draft.now });
  patch(draft, { statusRule: rule });
}
