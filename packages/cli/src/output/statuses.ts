import type { SessionStatus } from "@agent-orchestrator/core/model/status";

/** All statuses, without loading the schema. The type keeps the two in step. */
const ALL: Record<SessionStatus, true> = {
  killed: true,
  terminated: true,
  errored: true,
  merged: true,
  done: true,
  cleanup: true,
  queued: true,
  spawning: true,
  needs_input: true,
  stuck: true,
  ci_failed: true,
  changes_requested: true,
  mergeable: true,
  approved: true,
  review_pending: true,
  pr_open: true,
  working: true,
};

export const SESSION_STATUSES: readonly string[] = Object.keys(ALL);
