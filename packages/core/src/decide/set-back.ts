import { type RecordChanges, withChanges } from "../model/record-changes.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { at, toIso } from "../model/time.ts";
import { latest } from "./facts-of.ts";

/** Keys of moments that have passed. A test holds the schema to it. */
const PASSED = /^(?:at|since|until|clockFrom)$|(?:At|Since)$/;
/**
 * Moments that may lie ahead; times of another clock (a forge's); what is the user's, whatever it looks like; and what was put
 * away, whose times are also in a file.
 */
const LEFT_ALONE: ReadonlySet<string> = new Set([
  ...["resetsAt", "earlier", "snapshot", "extra", "agentOptions"],
  "archive",
]);
/** Maps from a name to a moment. */
const MOMENTS: ReadonlySet<string> = new Set(["humanDid"]);

/**
 * The state after the clock was set back: what happened "later than now" happened now. So nothing waits for a moment that
 * comes again in an hour or in ten years, and what happens next is the newest. Returns the same state if nothing lies ahead.
 */
export function pullBack(state: State, nowMs: number): State {
  const sessions = Object.entries(state.sessions).map(([id, record]) => [id, redate(record, nowMs)] as const);
  const rest = noLater({ ...state, sessions: {} }, nowMs);
  const isSame = sessions.every(([id, record]) => record === state.sessions[id]);
  const isRestSame = Object.entries(rest).every(([key, value]) => key === "sessions" || value === state[key]);
  return isSame && isRestSame ? state : { ...rest, sessions: Object.fromEntries(sessions) };
}

/** What was seen of the world "later than now" counts as unseen, so that somebody looks again. */
function redate(record: SessionRecord, nowMs: number): SessionRecord {
  const { work, workUnansweredAt } = record;
  const { seenAt: prSeenAt } = record.pr;
  const isWorkAhead = work !== null && at(work.at) > nowMs;
  const unseen: RecordChanges = {
    ...(isWorkAhead ? { work: { ...work, at: toIso(0) } } : {}),
    ...(latest(workUnansweredAt) > nowMs ? { workUnansweredAt: null } : {}),
    ...(latest(prSeenAt) > nowMs ? { pr: { seenAt: null } } : {}),
  };
  const known = Object.keys(unseen).length === 0 ? record : withChanges(record, unseen);
  return noLater(known, nowMs);
}

/** The same value with every passed moment after `nowMs` set to it. Returns the same object if there is none. */
export const noLater = <T>(value: T, nowMs: number): T => redated(value, nowMs, []) as T;

/** Whether a moment at this place in a record has passed, so that it can't lie ahead. */
export function isPastMoment(path: readonly string[]): boolean {
  if (path.some((key) => LEFT_ALONE.has(key))) return false;
  return PASSED.test(path.at(-1) ?? "") || MOMENTS.has(path.at(-2) ?? "");
}

function redated(value: unknown, nowMs: number, path: readonly string[]): unknown {
  if (typeof value === "string") return isPastMoment(path) && at(value) > nowMs ? toIso(nowMs) : value;
  if (Array.isArray(value)) {
    const items = value.map((item) => redated(item, nowMs, path));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (typeof value !== "object" || value === null || LEFT_ALONE.has(path.at(-1) ?? "")) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, redated(item, nowMs, [...path, key])] as const);
  const isSame = entries.every(([key, item]) => item === (value as Record<string, unknown>)[key]);
  return isSame ? value : Object.fromEntries(entries);
}
