import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { at, type Iso, toIso } from "../model/time.ts";
import { latest } from "./facts-of.ts";

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** Moments that may lie ahead, and times of other clocks: a forge's, for what happened there. */
const AHEAD: ReadonlySet<string> = new Set(["resetsAt", "pr", "formerPrs", "snapshot", "env"]);

/**
 * The state after the clock was set back: what happened "later than now" happened now. So nothing waits for a moment that
 * comes again in an hour or in ten years, and what happens next is the newest. Returns the same state if nothing lies ahead.
 */
export function pullBack(state: State, nowMs: number): State {
  const sessions = Object.entries(state.sessions).map(([id, record]) => [id, redate(record, nowMs)] as const);
  const rest = noLater({ ...state, sessions: {} }, nowMs) as State;
  const isSame = sessions.every(([id, record]) => record === state.sessions[id]);
  const isRestSame = Object.entries(rest).every(([key, value]) => key === "sessions" || value === state[key]);
  return isSame && isRestSame ? state : { ...rest, sessions: Object.fromEntries(sessions) };
}

/** What was seen of the world "later than now" counts as unseen, so that somebody looks again. */
function redate(record: SessionRecord, nowMs: number): SessionRecord {
  const { work, workUnansweredAt, prSeenAt } = record;
  const isWorkAhead = work !== null && at(work.at) > nowMs;
  const unseen = {
    ...(isWorkAhead ? { work: { ...work, at: toIso(0) } } : {}),
    ...(latest(workUnansweredAt) > nowMs ? { workUnansweredAt: null } : {}),
    ...(latest(prSeenAt) > nowMs ? { prSeenAt: null } : {}),
  };
  const known = Object.keys(unseen).length === 0 ? record : { ...record, ...unseen };
  return noLater(known, nowMs) as SessionRecord;
}

/** The same value with every moment after `nowMs` set to it. Returns the same object if there is none. */
export function noLater(value: unknown, nowMs: number): unknown {
  if (typeof value === "string") return ISO.test(value) && at(value as Iso) > nowMs ? toIso(nowMs) : value;
  if (Array.isArray(value)) {
    const items = value.map((item) => noLater(item, nowMs));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, item]) => [key, AHEAD.has(key) ? item : noLater(item, nowMs)] as const,
  );
  const isSame = entries.every(([key, item]) => item === (value as Record<string, unknown>)[key]);
  return isSame ? value : Object.fromEntries(entries);
}
