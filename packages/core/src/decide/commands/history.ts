import type { CommandOf } from "../../model/command.ts";
import type { State } from "../../model/state.ts";
import { toIso } from "../../model/time.ts";
import { bringBack, putAway } from "../put-away.ts";
import type { CommandContext, Outcome } from "./outcome.ts";

export function putSessionsAway(
  state: State,
  { most, inUse }: CommandOf<"put-away">,
  { nowMs }: CommandContext,
): Outcome<"put-away"> {
  return { next: putAway(state, { nowMs, most, isInUse: (id) => inUse.includes(id) }) };
}

export const bringSessionBack = (state: State, { record }: CommandOf<"bring-back">): Outcome<"bring-back"> => ({
  next: bringBack(state, record),
});

export function archiveInPlace(
  state: State,
  { sessionId }: CommandOf<"archive-in-place">,
  { nowMs }: CommandContext,
): Outcome<"archive-in-place"> {
  const record = state.sessions[sessionId];
  if (record === undefined) return { next: state };
  const archived = { phase: "archived" as const, isArchived: true, archivedAt: toIso(nowMs), attention: null };
  return { next: { ...state, sessions: { ...state.sessions, [sessionId]: { ...record, ...archived } } } };
}
