import type { FormerAgent, HandingOver } from "../../model/session.ts";
import { type Draft, type FactOf, patch } from "../draft.ts";
import { isAlive, isInFlight, isOver } from "../facts-of.ts";
import { requestStop } from "../lifecycle/stop.ts";
import { intoQueue } from "./queue.ts";

const KEPT_FORMER = 10;

/** What it takes over was said with the launch. */
export function endHandOver(draft: Draft): void {
  if (draft.record.launch.last?.mode === "handoff") patch(draft, { handover: { takesOver: null } });
}

export function requestHandOver(draft: Draft, fact: FactOf<"wish-handoff">): void {
  const { record } = draft;
  if (record.launch.stopping || record.phase === "removing" || isInFlight(record)) return;
  const { agent, agentOptions, words, wishId } = fact;
  const next: HandingOver = { wishId, agent, agentOptions, words, requestedAt: fact.at };
  if (isAlive(record)) {
    patch(draft, { handover: { next } });
    requestStop(draft, { reason: `it is handed over to ${agent}`, ending: null, remove: false });
    return;
  }
  change(draft, next);
}

/** The former agent has stopped: the next one takes a place in the queue. An end that came first wins. */
export function handOver(draft: Draft): void {
  const { record } = draft;
  const next = record.handover.next;
  if (!next || record.launch.stopping) return;
  if (isAlive(record) || isOver(record)) patch(draft, { handover: { next: null } });
  else if (!isInFlight(record)) change(draft, next);
}

function change(draft: Draft, next: HandingOver): void {
  const { record, now } = draft;
  const { agent, agentOptions } = record;
  const { agentSessionId, last: launch } = record.launch;
  const { former: formerAgents = [] } = record.handover;
  const former: FormerAgent = { agent, agentOptions, agentSessionId, launch, until: now, wishId: next.wishId };
  intoQueue(draft);
  // One that never ran leaves nothing behind that could be taken over.
  const left =
    record.launch.hasStarted === true
      ? { former: [...formerAgents, former].slice(-KEPT_FORMER), takesOver: { words: next.words } }
      : {};
  patch(draft, {
    handover: { next: null, ...left },
    agent: next.agent,
    agentOptions: next.agentOptions,
    launch: { agentSessionId: null },
    summary: null,
    // It was the former agent's vendor that set it.
    limits: { vendor: null },
  });
}
