import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { applyPatch, type Patch } from "./patch.ts";
import type { LogRecord } from "./segment.ts";

/** Before the first record. */
export function emptyState(): State {
  return {
    seq: 0,
    epoch: 0,
    isPaused: false,
    lastNumber: {},
    instances: {},
    projects: {},
    sessions: {},
    intents: {},
    wishes: {},
    isAllCompleteTold: false,
  };
}

type Members = Record<string, unknown>;
type Apply = (state: State, record: LogRecord) => State;

/** Sets an entry of a table to the record's member of that name; takes it out where there is none. */
function put(table: "intents" | "instances" | "projects" | "wishes", member: string): Apply {
  return (state, record) => {
    const { key } = record;
    if (typeof key !== "string") return state;
    const entries = state[table] as Record<string, Members>;
    const value = record[member];
    return { ...state, [table]: isMembers(value) ? withKey(entries, key, value) : withoutKey(entries, key) };
  };
}

/** What each internal record does to the state. A type that is not here (a public event, or one of a newer version) does nothing. */
const APPLY: Record<string, Apply> = {
  "ao.epoch": (state, record) => ({ ...state, epoch: record.epoch }),
  "ao.state": (state, record) => applyPatch(state, record as Patch),
  "ao.session.new": (state, { record }) => {
    const session = record as SessionRecord;
    return isMembers(record) ? { ...state, sessions: withKey(state.sessions, session.id, session) } : state;
  },
  "ao.session": (state, record) => {
    const id = String(record.sessionId);
    const session = own(state.sessions, id);
    if (session === undefined) return state;
    return { ...state, sessions: withKey(state.sessions, id, applyPatch(session, record as Patch)) };
  },
  "ao.session.gone": (state, record) => ({
    ...state,
    sessions: withoutKey(state.sessions, String(record.sessionId)),
  }),
  "ao.intent": put("intents", "intent"),
  "ao.done": put("intents", "nothing"),
  "ao.instance": put("instances", "instance"),
  "ao.project": put("projects", "project"),
  "ao.wish": put("wishes", "wish"),
};

/** One record folded in. Pure; shares everything it does not change. */
export function applyRecord(state: State, record: LogRecord): State {
  // A writer that was stopped, superseded and woken again: what it writes is void.
  if (record.epoch < state.epoch || record.seq <= state.seq) return state;
  const apply = Object.hasOwn(APPLY, record.type) ? APPLY[record.type] : undefined;
  const next = apply === undefined ? state : apply(state, record);
  return { ...next, seq: record.seq };
}

export const fold = (state: State, records: Iterable<LogRecord>): State => {
  let next = state;
  for (const record of records) next = applyRecord(next, record);
  return next;
};

const isMembers = (value: unknown): value is Members => typeof value === "object" && value !== null;

export function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

const withKey = <T>(table: Record<string, T>, key: string, value: T): Record<string, T> => ({ ...table, [key]: value });

function withoutKey<T>(table: Record<string, T>, key: string): Record<string, T> {
  if (!Object.hasOwn(table, key)) return table;
  const { [key]: _gone, ...rest } = table;
  return rest;
}
