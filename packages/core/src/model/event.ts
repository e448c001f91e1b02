import { z } from "zod";
import { Priority } from "./status.ts";
import { Iso } from "./time.ts";

/** Every public event and its priority. Each one is emitted by some path and carries the facts that caused it. */
export const EVENT_PRIORITY = {
  "session.stuck": "urgent",
  "session.needs_input": "urgent",
  "session.errored": "urgent",
  "reaction.escalated": "urgent",
  "limit.reached": "urgent",
  "review.pending": "action",
  "review.approved": "action",
  "merge.ready": "action",
  "merge.completed": "action",
  "pr.merged": "action",
  "message.unconfirmed": "action",
  "attention.needed": "action",
  "limit.warning": "action",
  "agent.limited": "action",
  "agent.limit_ended": "action",
  "notify.failed": "warning",
  "ci.failing": "warning",
  "ci.blocked": "warning",
  "ci.fix_failed": "warning",
  "review.changes_requested": "warning",
  "merge.conflicts": "warning",
  "pr.closed": "warning",
  "repository.config_changed": "warning",
  "session.spawned": "info",
  "session.working": "info",
  "session.idle": "info",
  "session.exited": "info",
  "session.killed": "info",
  "pr.created": "info",
  "pr.updated": "info",
  "ci.passing": "info",
  "ci.fix_sent": "info",
  "review.comments_sent": "info",
  "automated_review.found": "info",
  "automated_review.fix_sent": "info",
  "reaction.triggered": "info",
  "limit.lifted": "info",
  "summary.all_complete": "info",
  "notify.delivered": "info",
  "notify.acted": "info",
} as const satisfies Record<string, z.infer<typeof Priority>>;

export type EventType = keyof typeof EVENT_PRIORITY;

/** What each one means, for docs/events.md. */
export const EVENT_MEANING: Readonly<Record<EventType, string>> = {
  "session.stuck":
    "an active turn showed no progress for longer than the threshold, or the agent's program ended unexpectedly",
  "session.needs_input":
    "the agent asks a question or for permission, or its turn ended with an error (`data.failure`: kind and words)",
  "session.errored": "its start failed, or its program ended with an error and no pull request is open",
  "reaction.escalated": "a reaction gave up: the problem still exists after its last attempt, or its time is up",
  "limit.reached": "one of your limits is used up, and the session, or every session that shares it, is paused",
  "review.pending":
    "a pull request waits for your review: its checks are done and its agent is idle (info: somebody else on the forge reviews it)",
  "review.approved": "the required reviews approve",
  "merge.ready": "the status became `mergeable`, or is `mergeable` on a new head",
  "merge.completed": "`ao` merged it, for you or by a reaction",
  "pr.merged": "the pull request was merged, by anybody",
  "message.unconfirmed": "it is unknown whether your message arrived; `data.reason` says why. It is not sent again",
  "attention.needed":
    "a session needs you for a reason that has no separate event, such as an agent that finished without a result",
  "limit.warning":
    "80 % of one of your limits is used; without limits: 20 USD or 10 M uncached tokens in a session, 100 USD in a day",
  "agent.limited": "a usage limit of the agent's vendor stops it; `data.resetsAt` says until when",
  "agent.limit_ended":
    "that limit should have ended; with `resumeAfterLimit` the agent is told to continue (then: info)",
  "ci.failing": "a required check fails on the head, or fails again",
  "ci.blocked":
    "a check cannot run: the machine lacks a program, disk or memory, CI could not be set up, or it waits for an approval on the forge. The agent is not told",
  "ci.fix_failed": "checks still fail, or fail again, after the agent was sent the failures and finished its turn",
  "review.changes_requested": "a review asks for changes",
  "merge.conflicts": "the pull request conflicts with its base",
  "pr.closed": "the pull request was closed without a merge",
  "repository.config_changed":
    "keys of the git config that a session's checkout shares with its repository changed while it ran (`data.keys`; never their values)",
  "session.spawned": "the agent's program started, for the first time or after `ao restore`",
  "session.working": "a turn started: the activity became active",
  "session.idle": "a turn ended, or the activity became ready or idle",
  "session.exited": "the agent's program ended, and nobody requested that",
  "session.killed": "ended by `ao kill`, or because its runtime is gone; the reason is in `data.ending`",
  "pr.created": "the branch has a pull request",
  "pr.updated": "the pull request has new commits, or changed between draft and open",
  "ci.passing": "all required checks pass on the head",
  "ci.fix_sent": "the failing checks were sent to the agent",
  "review.comments_sent": "the review was sent to the agent",
  "automated_review.found": "bots left new comments on the code",
  "automated_review.fix_sent": "comments of trusted bots were sent to the agent",
  "reaction.triggered": "a reaction sent a message, notified or merged; `data` says which one and why",
  "limit.lifted": "the session continues: the limit was raised, a new day began, or you ran `ao resume`",
  "summary.all_complete": "every session has ended",
  "notify.delivered": "a channel took one or several notifications; `data.channel` says which",
  "notify.acted": "somebody pressed a button or replied on a channel; `data.by` says who, `data.did` what",
  "notify.failed": "a channel never took a notification: it refused it, or did not answer for a day (`data.why`)",
};

/** A line of the event log as people, scripts and notifiers see it. Past tense. */
export const OrchestratorEvent = z.looseObject({
  seq: z.number().int(),
  id: z.string(),
  ts: Iso,
  type: z.string(),
  priority: Priority,
  projectId: z.string().nullable(),
  sessionId: z.string().nullable(),
  /** One line for people, without control characters. */
  message: z.string(),
  /** The facts that caused it. */
  data: z.record(z.string(), z.unknown()),
});
export type OrchestratorEvent = z.infer<typeof OrchestratorEvent>;

/** What `decide` returns. The engine adds seq, id and time when it is committed. */
export interface EventDraft {
  type: EventType;
  /** Overrides the table for a reaction whose config says so. */
  priority?: z.infer<typeof Priority>;
  message: string;
  data: Record<string, unknown>;
}

/** An event of one session or of none. */
export interface SessionEvent {
  sessionId: string | null;
  projectId: string | null;
  draft: EventDraft;
}
