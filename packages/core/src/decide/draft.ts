import type { Action } from "../model/action.ts";
import type { EventDraft } from "../model/event.ts";
import type { SessionFact } from "../model/fact.ts";
import type { DecideContext } from "../model/policy.ts";
import { type RecordChanges, withChanges } from "../model/record-changes.ts";
import { GROUPS, type GroupName, type SessionRecord } from "../model/session.ts";
import { at, type Iso, toIso } from "../model/time.ts";
import { same } from "./same.ts";

/** One decision in the making. Local to one call of `decide`; nothing outside ever sees it change. */
export interface Draft {
  readonly before: SessionRecord;
  readonly ctx: DecideContext;
  readonly now: Iso;
  record: SessionRecord;
  readonly events: EventDraft[];
  readonly actions: Action[];
  /** Times at which a later decision could differ without any new fact. */
  readonly wakes: number[];
}

/** A fact of one kind, with its time. */
export type FactOf<K extends SessionFact["kind"]> = Extract<SessionFact, { kind: K }>;

export function newDraft(record: SessionRecord, ctx: DecideContext): Draft {
  return { before: record, ctx, now: toIso(ctx.nowMs), record, events: [], actions: [], wakes: [] };
}

/** Changes the record; values that are equal to the present ones keep the record the same object. */
export function patch(draft: Draft, changes: RecordChanges): void {
  const changed = differing(draft.record, changes).map(([key, value]) => {
    const group = Object.hasOwn(GROUPS, key) ? draft.record[key as GroupName] : null;
    return [key, group === null ? value : Object.fromEntries(differing(group, value as Members))] as const;
  });
  if (changed.length > 0) draft.record = withChanges(draft.record, Object.fromEntries(changed));
}

type Members = Readonly<Record<string, unknown>>;

/** Of a group, only what is named is compared. */
function differing(present: Members, changes: Members): [string, unknown][] {
  return Object.entries(changes).filter(([key, value]) => {
    if (!Object.hasOwn(GROUPS, key)) return !same(present[key], value);
    return differing(present[key] as Members, value as Members).length > 0;
  });
}

/** Adds an action unless one with its key is there already. */
export function act(draft: Draft, action: Action): void {
  if (!draft.actions.some((other) => other.key === action.key)) draft.actions.push(action);
}

export function wakeAt(draft: Draft, ms: number): void {
  if (ms > draft.ctx.nowMs) draft.wakes.push(ms);
}

/** Whether `ms` have passed since `since`; if not, the decision is looked at again when they have. */
export function isOver(draft: Draft, since: Iso | number, ms: number): boolean {
  const due = (typeof since === "number" ? since : at(since)) + ms;
  if (draft.ctx.nowMs >= due) return true;
  wakeAt(draft, due);
  return false;
}

/** Lines about the session for humans; the newest last, a bounded number, none twice. */
export function note(draft: Draft, line: string): void {
  const others = draft.record.notes.filter((other) => other !== line);
  patch(draft, { notes: [...others, line].slice(-20) });
}
