import { at, toIso } from "../model/time.ts";
import { type Draft, patch } from "./draft.ts";
import { latest } from "./facts-of.ts";

/** What was last seen "later than now" was seen before the clock was set back: it counts as seen long ago, so that the world is looked at again. */
export function redateSightings(draft: Draft): void {
  const { work, workUnansweredAt, prSeenAt } = draft.record;
  const { nowMs } = draft.ctx;
  if (work !== null && at(work.at) > nowMs) patch(draft, { work: { ...work, at: toIso(0) } });
  if (latest(workUnansweredAt) > nowMs) patch(draft, { workUnansweredAt: null });
  if (latest(prSeenAt) > nowMs) patch(draft, { prSeenAt: null });
}
