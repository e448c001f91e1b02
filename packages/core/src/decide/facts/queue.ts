import { type Draft, patch } from "../draft.ts";

/** Back into the queue: an agent that returns takes a place like any other. */
export function intoQueue(draft: Draft): void {
  patch(draft, {
    phase: "queued",
    queuedFor: null,
    ending: null,
    isArchived: false,
    removalFailure: null,
    pr: { mergedBy: null },
    claims: {},
    activity: null,
    report: null,
    turnStartedAt: null,
  });
}
