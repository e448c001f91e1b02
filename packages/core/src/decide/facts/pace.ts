import type { Iso } from "../../model/time.ts";
import { type Draft, patch } from "../draft.ts";
import { latest } from "../facts-of.ts";
import { stuckAfterMs } from "../stuck.ts";

/** Times are written down this coarsely: an agent that prints all day is not a commit a second. */
const GRAIN_MS = 5000;

/** The session is in use. */
export function touch(draft: Draft, when: Iso): void {
  if (latest(when) - latest(draft.record.lastActivityAt) >= GRAIN_MS) patch(draft, { lastActivityAt: when });
}

/** Something moves: output, a commit, a report, a growing transcript. An agent that moves must not count as stuck between two of these. */
export function progress(draft: Draft, when: Iso): void {
  const grainMs = Math.min(GRAIN_MS, stuckAfterMs(draft.ctx.policy) / 4);
  if (latest(when) - latest(draft.record.progressAt) >= grainMs) patch(draft, { progressAt: when });
}
