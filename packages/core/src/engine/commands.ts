import { carryOut } from "../decide/commands/commands.ts";
import type { FactAbout } from "../model/command.ts";
import type { SessionEvent } from "../model/event.ts";
import type { SessionFact } from "../model/fact.ts";
import { NOTICES } from "../model/notice.ts";
import { errorOf } from "../model/refusal.ts";
import type { State } from "../model/state.ts";
import { toIso } from "../model/time.ts";
import type { Inbox, Waiting } from "./mailbox.ts";

interface CarriedOut {
  state: State;
  events: SessionEvent[];
  /** Those of the inbox, and those that the commands report. */
  facts: Map<string, SessionFact[]>;
  /** Sessions that changed, or that a change of the whole concerns. */
  touched: string[];
  /** Tells the callers, once it is on disk. */
  accept(): void;
}

/** Carries out the commands that wait. The caller of a refused one is told, and the others go on. */
export function carryOutAll(state: State, { inbox, nowMs }: { inbox: Inbox; nowMs: number }): CarriedOut {
  let next = state;
  const events: SessionEvent[] = [];
  const facts: FactAbout[] = [];
  const accepted: { waiting: Waiting; result: unknown }[] = [];
  for (const waiting of inbox.commands) {
    try {
      const outcome = waiting.command === null ? { next } : carryOut(next, waiting.command, { nowMs });
      if ("refused" in outcome) {
        waiting.reject(errorOf(outcome.refused));
        continue;
      }
      next = outcome.next;
      events.push(...(outcome.events ?? []));
      facts.push(...(outcome.facts ?? []));
      accepted.push({ waiting, result: outcome.result });
    } catch (error) {
      // A bug. It stops this command and no other.
      waiting.reject(error);
    }
  }
  inbox.commands = accepted.map(({ waiting }) => waiting);
  return {
    ...{ state: next, events, facts: withMore(inbox.facts, facts, nowMs), touched: touchedBy(state, next) },
    accept: () => {
      for (const { waiting, result } of accepted) waiting.accept(result);
    },
  };
}

/** A new map: if this can't be committed, the caller is told so, and what the command reports must not happen later. */
function withMore(told: Inbox["facts"], more: readonly FactAbout[], nowMs: number): Map<string, SessionFact[]> {
  const all = new Map(told);
  for (const { sessionId, fact } of more) {
    all.set(sessionId, [...(all.get(sessionId) ?? []), { at: toIso(nowMs), ...fact } as SessionFact]);
  }
  return all;
}

function touchedBy(before: State, after: State): string[] {
  const isWhole = after.isPaused !== before.isPaused || after.projects !== before.projects;
  const ids = Object.keys(after.sessions);
  const sessions = isWhole ? ids : ids.filter((id) => after.sessions[id] !== before.sessions[id]);
  return after.channels === before.channels ? sessions : [...sessions, NOTICES];
}
