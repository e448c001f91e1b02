import { createWatches } from "@agent-orchestrator/agent-kit/watches";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { AgentFact, AgentObservation, AgentSessionInfo } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal, WithTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import { createPresser } from "./auto-answer.ts";
import type { AiderOptions } from "./options.ts";
import { makePlace, placeOf, readLaunched } from "./place.ts";
import { Present } from "./present.ts";
import { Teller } from "./teller.ts";
import { Watch } from "./watch.ts";

export interface Sessions {
  observe(session: Session, onFact: (fact: AgentFact) => void, means?: WithTerminal): Promise<AgentObservation>;
  /** What is known about it. Created temporarily if nothing observes it. */
  presentOf(session: Session): Present;
  activityOf(session: Session): Activity | null;
  infoOf(session: Session): AgentSessionInfo | null;
}

const NO_TERMINAL: AgentTerminal = {
  screen: async () => null,
  write: async () => undefined,
  press: async () => undefined,
};

export function createSessions(of: {
  clock: Clock;
  log: Log;
  optionsFor(own: Record<string, unknown>): AiderOptions;
}): Sessions {
  const { clock, log } = of;
  const watches = createWatches<Watch>();
  return {
    async observe(session, emit, means) {
      const place = makePlace(session.sessionDir);
      const terminal = means?.terminal ?? NO_TERMINAL;
      const teller = new Teller({ place, clock, emit });
      const present = new Present({ place, clock, onEvent: teller.onEvent, onRead: () => teller.settle() });
      const options = of.optionsFor(session.agentConfig);
      const onAnswered = (question: string, answer: string) => teller.didAnswer(question, answer);
      const presser = createPresser({ place, present, clock, options, terminal, onAnswered });
      const awaitsPrompt = readLaunched(session.sessionDir)?.awaitsPrompt ?? false;
      return watches.keep(session, new Watch({ place, clock, log, terminal, present, teller, presser, awaitsPrompt }));
    },
    presentOf: (session) => watches.get(session)?.present ?? new Present({ place: placeOf(session.sessionDir), clock }),
    activityOf: (session) => watches.get(session)?.teller.activityTold ?? null,
    infoOf(session) {
      const summary = watches.get(session)?.teller.summary ?? null;
      return summary === null ? null : { summary, agentSessionId: null, cost: null };
    },
  };
}
