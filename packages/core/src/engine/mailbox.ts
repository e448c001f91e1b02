import type { StateCommand } from "../model/command.ts";
import type { SessionFact, ToldFact } from "../model/fact.ts";

export type { ToldFact as NewFact };

/** Somebody waits until a command is on disk; without one, until everything reported so far is. */
export interface Waiting {
  command: StateCommand | null;
  /** It is on disk. */
  accept(result: unknown): void;
  reject(error: unknown): void;
}

/** What waits for the next step. */
export interface Inbox {
  commands: Waiting[];
  facts: Map<string, SessionFact[]>;
  /** Keys of intents whose result has arrived. */
  done: Set<string>;
  /** Sessions to decide on because time alone may change them. */
  due: Set<string>;
}

export const emptyInbox = (): Inbox => ({ commands: [], facts: new Map(), done: new Set(), due: new Set() });

export const isEmpty = (inbox: Inbox): boolean =>
  inbox.commands.length === 0 && inbox.facts.size === 0 && inbox.done.size === 0 && inbox.due.size === 0;

/** Puts what could not be committed before what has arrived since, for the next try. Facts are kept if `isKept` says so. */
export function keepForLater(inbox: Inbox, taken: Inbox, isKept: (fact: SessionFact) => boolean): void {
  for (const [id, all] of taken.facts) inbox.facts.set(id, [...all.filter(isKept), ...(inbox.facts.get(id) ?? [])]);
  for (const key of taken.done) inbox.done.add(key);
  for (const id of taken.due) inbox.due.add(id);
}
