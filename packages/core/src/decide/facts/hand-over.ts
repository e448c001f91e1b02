import type { FormerAgent, HandingOver } from "../../model/session.ts";
import { type Draft, type FactOf, patch } from "../draft.ts";
import { isAlive, isInFlight, isOver } from "../facts-of.ts";
import { requestStop } from "../lifecycle/stop.ts";
import { intoQueue } from "./queue.ts";

const KEPT_FORMER = 10;

/** What it takes over was said with the launch. */
export function endHandOver(draft: Draft): void {
  if (draft.record.launch?.mode === "handoff") patch(draft, { takesOver: null });
}

export function requestHandOver(draft: Draft, fact: FactOf<"wish-handoff">): void {
  const { record } = draft;
  if (record.stopping || record.phase === "removing" || isInFlight(record)) return;
  const { agent, agentOptions, words, wishId } = fact;
  const next: HandingOver = { wishId, agent, agentOptions, words, requestedAt: fact.at };
  if (isAlive(record)) {
    patch(draft, { handingOver: next });
    requestStop(draft, { reason: `it is handed over to ${agent}`, ending: null, remove: false });
    return;
  }
  change(draft, next);
}

/** The former agent has stopped: the next one takes a place in the queue. An end that came first wins. */
export function handOver(draft: Draft): void {
  const { record } = draft;
  const next = record.handingOver;
  if (!next || record.stopping) return;
  if (isAlive(record) || isOver(record)) patch(draft, { handingOver: null });
  else if (!isInFlight(record)) change(draft, next);
}

function change(draft: Draft, next: HandingOver): void {
  const { record, now } = draft;
  const { agent, agentOptions, agentSessionId, launch, formerAgents = [] } = record;
  const former: FormerAgent = { agent, agentOptions, agentSessionId, launch, until: now, wishId: next.wishId };
  intoQueue(draft);
  patch(draft, {
    handingOver: null,
    // One that never ran leaves nothing behind that could be taken over.
    ...(record.hasStarted === true
      ? { formerAgents: [...formerAgents, former].slice(-KEPT_FORMER), takesOver: { words: next.words } }
      : {}),
    agent: next.agent,
    agentOptions: next.agentOptions,
    agentSessionId: null,
    summary: null,
    // It was the former agent's vendor that set it.
    vendorLimit: null,
  });
}
