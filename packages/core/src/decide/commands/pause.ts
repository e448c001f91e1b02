import type { CommandOf, FactAbout, PauseTarget } from "../../model/command.ts";
import type { ToldFact } from "../../model/fact.ts";
import type { SessionRecord } from "../../model/session.ts";
import type { State } from "../../model/state.ts";
import { unmetOf } from "../predecessors.ts";
import type { CommandContext, Outcome } from "./outcome.ts";
import { withWish } from "./wishes.ts";

/**
 * Pauses everything, a project or a session, or resumes it. What a limit holds of it continues as well, as far as it may be
 * granted. A queued session that nothing else holds stops waiting for others.
 */
export function pause(
  state: State,
  { target, isPaused, wish }: CommandOf<"pause">,
  { nowMs }: CommandContext,
): Outcome<"pause"> {
  const record = target.scope === "session" ? state.sessions[target.sessionId] : undefined;
  const isReleased = record !== undefined && !isPaused && isOnlyWaiting(record);
  const granted = isPaused ? [] : Object.values(state.sessions).filter((one) => one.limits.hold && isOf(target, one));
  const result = { granted: granted.map(({ id }) => id), isReleased };
  const facts: FactAbout[] = [];
  const tell = (sessionId: string, fact: ToldFact) => void facts.push({ sessionId, fact });
  if (record !== undefined) tell(record.id, { kind: "wish-pause", isPaused });
  if (record !== undefined && isReleased) tell(record.id, { kind: "wish-not-wait" });
  for (const id of result.granted) tell(id, { kind: "wish-grant" });
  const kept = { result: { target: nameOf(target), isPaused, ...saidOf(result) } };
  return { next: withWish(paused(state, target, isPaused), wish, { kept, nowMs }), facts, result };
}

/** What is worth saying of the result. */
export const saidOf = ({ granted, isReleased }: { granted: string[]; isReleased: boolean }) => ({
  ...(granted.length === 0 ? {} : { granted }),
  ...(isReleased ? { isReleased } : {}),
});

/** The target as people call it. */
export function nameOf(target: PauseTarget): string {
  if (target.scope === "everything") return "everything";
  return target.scope === "project" ? target.projectId : target.sessionId;
}

/** It waits for others, and nothing else holds it. */
const isOnlyWaiting = (record: SessionRecord): boolean =>
  !record.isPaused && !record.limits.hold && record.phase === "queued" && unmetOf(record).length > 0;

function isOf(target: PauseTarget, { id, projectId }: SessionRecord): boolean {
  if (target.scope === "everything") return true;
  return target.scope === "project" ? projectId === target.projectId : id === target.sessionId;
}

/** A session is told, and remembers it itself. */
function paused(state: State, target: PauseTarget, isPaused: boolean): State {
  if (target.scope === "everything") return { ...state, isPaused };
  if (target.scope === "session") return state;
  const projects = Object.entries(state.projects).map(([key, project]) => [
    key,
    project.projectId === target.projectId ? { ...project, isPaused } : project,
  ]);
  return { ...state, projects: Object.fromEntries(projects) };
}
