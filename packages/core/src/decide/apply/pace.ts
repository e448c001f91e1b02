import type { Iso } from "../../model/time.ts";
import { type Draft, patch } from "../draft.ts";
import { latest } from "../facts-of.ts";

/** Times are written down this coarsely: an agent that prints all day is not a commit a second. */
const GRAIN_MS = 5000;

/** The session is in use. */
export function touch(draft: Draft, when: Iso): void {
  if (latest(when) - latest(draft.record.lastActivityAt) >= GRAIN_MS) patch(draft, { lastActivityAt: when });
}

/** Something moves: output, a commit, a report, a growing transcript. */
export function progress(draft: Draft, when: Iso): void {
  if (latest(when) - latest(draft.record.progressAt) >= GRAIN_MS) patch(draft, { progressAt: when });
}
