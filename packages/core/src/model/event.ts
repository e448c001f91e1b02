import { z } from "zod";
import { Priority } from "./status.ts";
import { Iso } from "./time.ts";

/** Every public event and its priority. Each one is emitted by some path and carries the facts that caused it. */
export const EVENT_PRIORITY = {
  "session.stuck": "urgent",
  "session.needs_input": "urgent",
  "session.errored": "urgent",
  "reaction.escalated": "urgent",
  "review.approved": "action",
  "merge.ready": "action",
  "merge.completed": "action",
  "pr.merged": "action",
  "ci.failing": "warning",
  "ci.fix_failed": "warning",
  "review.changes_requested": "warning",
  "merge.conflicts": "warning",
  "pr.closed": "warning",
  "session.spawned": "info",
  "session.working": "info",
  "session.idle": "info",
  "session.exited": "info",
  "session.killed": "info",
  "pr.created": "info",
  "pr.updated": "info",
  "ci.passing": "info",
  "ci.fix_sent": "info",
  "review.pending": "info",
  "review.comments_sent": "info",
  "automated_review.found": "info",
  "automated_review.fix_sent": "info",
  "reaction.triggered": "info",
  "summary.all_complete": "info",
} as const satisfies Record<string, z.infer<typeof Priority>>;

export type EventType = keyof typeof EVENT_PRIORITY;

/** A line of the event log as humans, scripts and notifiers see it. Past tense. */
export const OrchestratorEvent = z.looseObject({
  seq: z.number().int(),
  id: z.string(),
  ts: Iso,
  type: z.string(),
  priority: Priority,
  projectId: z.string().nullable(),
  sessionId: z.string().nullable(),
  /** One line for humans, free of control characters. */
  message: z.string(),
  /** The facts that caused it. */
  data: z.record(z.string(), z.unknown()),
});
export type OrchestratorEvent = z.infer<typeof OrchestratorEvent>;

/** What `decide` returns: the engine adds seq, id and time when it is committed. */
export interface EventDraft {
  type: EventType;
  /** Overrides the table for a reaction whose config says so. */
  priority?: z.infer<typeof Priority>;
  message: string;
  data: Record<string, unknown>;
}
