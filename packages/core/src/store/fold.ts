import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { applyRecordPatch, grouped } from "./flat-record.ts";
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
    archive: {},
    intents: {},
    notices: {},
    channels: {},
    spend: {},
    wishes: {},
    isAllCompleteTold: false,
  };
}

type Members = Record<string, unknown>;
type Table =
  | "sessions"
  | "archive"
  | "intents"
  | "instances"
  | "projects"
  | "notices"
  | "channels"
  | "spend"
  | "wishes";

interface Rule {
  /** The table it writes to. */
  table: Table | null;
  /** Changes `draft`, which owns its members and its table. Entries of the table are replaced, never changed. */
  apply(draft: State, record: LogRecord): void;
}

const isMembers = (value: unknown): value is Members => typeof value === "object" && value !== null;

export function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Also for a key like `__proto__`. */
function set(table: object, key: string, value: unknown): void {
  Object.defineProperty(table, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Sets an entry to the record's member of that name, or removes the entry if there is none. */
function put(table: Table, member: string): Rule {
  return {
    table,
    apply(draft, record) {
      if (typeof record.key !== "string") return;
      const value = record[member];
      if (isMembers(value)) set(draft[table], record.key, value);
      else delete draft[table][record.key];
    },
  };
}

/** What each internal record does. Any other type (a public event, or one of a newer version) does nothing. */
const RULES: Record<string, Rule> = {
  "ao.epoch": {
    table: null,
    apply(draft, record) {
      draft.epoch = record.epoch;
    },
  },
  "ao.state": {
    table: null,
    apply(draft, record) {
      const changed = applyPatch(draft, record as Patch);
      for (const key of Object.keys(draft)) if (!Object.hasOwn(changed, key)) delete draft[key];
      for (const [key, value] of Object.entries(changed)) set(draft, key, value);
    },
  },
  "ao.session.new": {
    table: "sessions",
    apply(draft, { record }) {
      if (isMembers(record) && typeof record.id === "string")
        set(draft.sessions, record.id, grouped(record as SessionRecord));
    },
  },
  "ao.session": {
    table: "sessions",
    apply(draft, record) {
      const id = String(record.sessionId);
      const session = own(draft.sessions, id);
      if (session !== undefined) set(draft.sessions, id, applyRecordPatch(session, record));
    },
  },
  "ao.session.gone": {
    table: "sessions",
    apply(draft, record) {
      delete draft.sessions[String(record.sessionId)];
    },
  },
  "ao.archive": put("archive", "session"),
  "ao.intent": put("intents", "intent"),
  "ao.done": put("intents", "nothing"),
  "ao.instance": put("instances", "instance"),
  "ao.project": put("projects", "project"),
  "ao.notice": put("notices", "notice"),
  "ao.channel": put("channels", "channel"),
  "ao.spend": put("spend", "spend"),
  "ao.wish": put("wishes", "wish"),
};

const ruleOf = (type: string): Rule | undefined => own(RULES, type);

/** A writer that was stopped, replaced and woken again. What it writes is void. */
const isVoid = (state: State, record: LogRecord): boolean => record.epoch < state.epoch || record.seq <= state.seq;

/** Folds one record in. Pure. Shares everything it does not change. */
export function applyRecord(state: State, record: LogRecord): State {
  if (isVoid(state, record)) return state;
  const rule = ruleOf(record.type);
  const table = rule?.table ?? null;
  const draft: State = { ...state, ...(table === null ? {} : { [table]: { ...state[table] } }) };
  rule?.apply(draft, record);
  draft.seq = record.seq;
  return draft;
}

/** Folds many records without a copy of a table for each: for replaying a log. */
export function createFolder(start: State): { apply(record: LogRecord): void; state(): State } {
  const { sessions, archive, intents, instances, projects, notices, channels, spend, wishes } = start;
  const draft: State = {
    ...start,
    sessions: { ...sessions },
    archive: { ...archive },
    intents: { ...intents },
    instances: { ...instances },
    projects: { ...projects },
    notices: { ...notices },
    channels: { ...channels },
    spend: { ...spend },
    wishes: { ...wishes },
  };
  return {
    apply(record) {
      if (isVoid(draft, record)) return;
      ruleOf(record.type)?.apply(draft, record);
      draft.seq = record.seq;
    },
    state: () => draft,
  };
}
