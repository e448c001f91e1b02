import { at, type Iso } from "../model/time.ts";
import { type Draft, isOver, patch } from "./draft.ts";

/** A turn of which no sign was ever seen is taken to be over after this long. */
export const UNSEEN_TURN_MS = 20_000;

/** `turnStartedAt` is set while a turn runs, and only then. */
export function beginTurn(draft: Draft, when: Iso): void {
  if (draft.record.turnStartedAt === null) patch(draft, { turnStartedAt: when });
}

/** Ends the running turn; the late end of an earlier one changes nothing. */
export function endTurn(draft: Draft, when: Iso): void {
  const { turnStartedAt, turns } = draft.record;
  if (turnStartedAt === null || at(when) < at(turnStartedAt)) return;
  patch(draft, { turns: turns + 1, turnStartedAt: null, turnEndedAt: when });
}

/** A message was written, and the agent never showed that it works on it: do not wait indefinitely. */
export function endUnseenTurn(draft: Draft): void {
  const { turnStartedAt, activity } = draft.record;
  if (turnStartedAt === null || activity === null) return;
  if (activity.state !== "ready" && activity.state !== "idle") return;
  if (isOver(draft, turnStartedAt, UNSEEN_TURN_MS)) endTurn(draft, draft.now);
}
