import type { AgentFact, AgentObservation } from "@agent-orchestrator/core/slots/agent";
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
  const observed = new Map<string, Present>();
  return {
    async observe(session, onFact, means) {
      const place = makePlace(session.sessionDir);
      const terminal = means?.terminal ?? NO_TERMINAL;
      const teller = new Teller({ place, clock, onFact });
      const present = new Present({ place, clock, onEvent: teller.onEvent, onRead: () => teller.settle() });
      const options = of.optionsFor(session.agentConfig);
      const onAnswered = (question: string, answer: string) => teller.didAnswer(question, answer);
      const presser = createPresser({ place, present, clock, options, terminal, onAnswered });
      observed.set(session.id, present);
      const awaitsPrompt = readLaunched(place.launch)?.awaitsPrompt ?? false;
      const watch = new Watch({ place, clock, log, terminal, present, teller, presser, awaitsPrompt });
      return {
        hint: (fact) => watch.hint(fact),
        async stop() {
          if (observed.get(session.id) === present) observed.delete(session.id);
          await watch.stop();
        },
      };
    },
    presentOf(session) {
      return observed.get(session.id) ?? new Present({ place: placeOf(session.sessionDir), clock });
    },
  };
}
