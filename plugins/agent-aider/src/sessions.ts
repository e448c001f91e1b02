import type { Activity } from "@agent-orchestrator/core/model/activity";
import type {
  ActivityDetection,
  AgentFact,
  AgentObservation,
  AgentSessionInfo,
} from "@agent-orchestrator/core/slots/agent";
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
  activityOf(sessionId: string): ActivityDetection | null;
  infoOf(sessionId: string): AgentSessionInfo | null;
}

interface Known {
  present: Present;
  teller: Teller;
  activity: Activity | null;
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
  const observed = new Map<string, Known>();
  return {
    async observe(session, onFact, means) {
      const place = makePlace(session.sessionDir);
      const terminal = means?.terminal ?? NO_TERMINAL;
      const tell = (fact: AgentFact): void => {
        if (fact.kind === "activity") known.activity = fact.activity;
        onFact(fact);
      };
      const teller = new Teller({ place, clock, onFact: tell });
      const present = new Present({ place, clock, onEvent: teller.onEvent, onRead: () => teller.settle() });
      const known: Known = { teller, present, activity: null };
      const options = of.optionsFor(session.agentConfig);
      const onAnswered = (question: string, answer: string) => teller.didAnswer(question, answer);
      const presser = createPresser({ place, present, clock, options, terminal, onAnswered });
      observed.set(session.id, known);
      const awaitsPrompt = readLaunched(place.launch)?.awaitsPrompt ?? false;
      const watch = new Watch({ place, clock, log, terminal, present, teller, presser, awaitsPrompt });
      return {
        hint: (fact) => watch.hint(fact),
        async stop() {
          if (observed.get(session.id) === known) observed.delete(session.id);
          await watch.stop();
        },
      };
    },
    presentOf(session) {
      return observed.get(session.id)?.present ?? new Present({ place: placeOf(session.sessionDir), clock });
    },
    activityOf(sessionId) {
      const activity = observed.get(sessionId)?.activity ?? null;
      if (activity === null) return null;
      const { state, since, source, evidence } = activity;
      return { state, timestamp: since, source, evidence };
    },
    infoOf(sessionId) {
      const summary = observed.get(sessionId)?.teller.summary ?? null;
      return summary === null ? null : { summary, agentSessionId: null, cost: null };
    },
  };
}
