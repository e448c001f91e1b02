import { oneLine } from "@agent-orchestrator/core/host/text";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";

/** What the human can do about a session now, in a few words. */
export function nextStep(view: SessionView): string {
  const hint = view.attention?.hint ?? "";
  if (hint !== "") return oneLine(hint).replaceAll("`", "");
  if (view.next !== null) return oneLine(view.next).replaceAll("`", "");
  if (view.isPaused) return `ao resume ${view.id}`;
  return STEPS[view.status](view);
}

type Step = (view: SessionView) => string;

const restore: Step = ({ id }) => `ao restore ${id}, or ao kill ${id}`;
const look: Step = ({ id }) => `ao attach ${id}`;

const STEPS: Record<SessionView["status"], Step> = {
  killed: restore,
  terminated: restore,
  errored: restore,
  merged: () => "done: cleaned up by itself",
  done: ({ id }) => `ao diff ${id}`,
  cleanup: () => "being removed",
  queued: ({ queuedFor }) => oneLine(queuedFor ?? "starts when there is room"),
  spawning: () => "starting",
  needs_input: look,
  stuck: look,
  ci_failed: () => "the agent works on the failure",
  changes_requested: () => "the agent works on the review",
  mergeable: ({ id }) => `ao merge ${id}`,
  approved: ({ pr }) => (pr?.ci === "pending" ? "waits for CI" : "not mergeable yet: ao explain has why"),
  review_pending: ({ id }) => `ao diff ${id}, then ao review ${id}`,
  pr_open: ({ pr }) => (pr?.ci === "pending" ? "waits for CI" : "open"),
  working: ({ id, activity }) =>
    activity?.state === "ready" || activity?.state === "idle"
      ? `ao diff ${id}, or ao send ${id} "…"`
      : "nothing: you will be told",
};
