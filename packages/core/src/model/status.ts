import { z } from "zod";

/**
 * What the agent is doing, by the best source. `limited`: a usage limit of its vendor keeps it from going on. `unknown` is a fact of
 * its own: nobody could tell.
 */
export const ActivityState = z.enum([
  "active",
  "ready",
  "idle",
  "waiting_input",
  "blocked",
  "limited",
  "exited",
  "unknown",
]);
export type ActivityState = z.infer<typeof ActivityState>;

/** Where an activity came from, most trusted first. */
export const ActivitySource = z.enum([
  "report",
  "hook",
  "protocol",
  "transcript",
  "process",
  "output",
  "screen",
  "none",
]);
export type ActivitySource = z.infer<typeof ActivitySource>;

export const SessionStatus = z.enum([
  "killed",
  "terminated",
  "errored",
  "merged",
  "done",
  "cleanup",
  "queued",
  "spawning",
  "needs_input",
  "stuck",
  "ci_failed",
  "changes_requested",
  "mergeable",
  "approved",
  "review_pending",
  "pr_open",
  "working",
]);
export type SessionStatus = z.infer<typeof SessionStatus>;

/** The statuses a session can end in; nothing but `restore` brings it back. */
export const ENDED: ReadonlySet<SessionStatus> = new Set(["killed", "terminated", "errored", "merged", "done"]);

export const Priority = z.enum(["urgent", "action", "warning", "info"]);
export type Priority = z.infer<typeof Priority>;

/** What the user should look at, and why. */
export const Attention = z.object({
  level: Priority,
  reason: z.string(),
  since: z.iso.datetime(),
  hint: z.string(),
});
export type Attention = z.infer<typeof Attention>;
