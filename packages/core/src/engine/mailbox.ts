import type { EventDraft } from "../model/event.ts";
import type { SessionFact, ToldFact } from "../model/fact.ts";
import type { State } from "../model/state.ts";

export type { ToldFact as NewFact };

/** An event of one session or of none. */
export interface SessionEvent {
  sessionId: string | null;
  projectId: string | null;
  draft: EventDraft;
}

/** A change that no single session owns: a new session, a trusted config, a pause. Pure; may throw an AoError to refuse. */
export type StateChange = (state: State, nowMs: number) => { state: State; events?: SessionEvent[] };

/** What waits for the next step. */
export interface Inbox {
  changes: { change: StateChange; settle: (error: unknown) => void }[];
  facts: Map<string, SessionFact[]>;
  /** Keys of intents whose result has arrived. */
  done: Set<string>;
  /** Sessions to decide on because time alone may change them. */
  due: Set<string>;
}

export const emptyInbox = (): Inbox => ({ changes: [], facts: new Map(), done: new Set(), due: new Set() });

export const isEmpty = (inbox: Inbox): boolean =>
  inbox.changes.length === 0 && inbox.facts.size === 0 && inbox.done.size === 0 && inbox.due.size === 0;
