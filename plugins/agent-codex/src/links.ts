import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentFact, AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import { type Link, openLink } from "./link.ts";
import { readLaunch } from "./record.ts";

/** The links of all sessions that are observed. */
export interface Links {
  observe(
    session: Session,
    onFact: (fact: AgentFact) => void,
    terminal: AgentTerminal | null,
  ): Promise<AgentObservation>;
  /** The observer's link, or one for this call only. */
  use<T>(session: Session, terminal: AgentTerminal, call: (link: Link) => Promise<T>): Promise<T>;
  get(sessionId: string): Link | undefined;
}

export function createLinks(clock: Clock, log: Log): Links {
  const links = new Map<string, Link>();

  function open(session: Session, terminal: AgentTerminal | null, onFact: (fact: AgentFact) => void): Link {
    const record = readLaunch(session.sessionDir);
    if (record === null) throw new AoError("UNAVAILABLE", `${session.id} was not started by the agent \`codex\``);
    return openLink({ session, record, terminal, clock, log, onFact });
  }

  return {
    async observe(session, onFact, terminal) {
      await links.get(session.id)?.stop();
      const link = open(session, terminal, onFact);
      links.set(session.id, link);
      return {
        hint: (fact) => link.hint(fact),
        async stop() {
          if (links.get(session.id) === link) links.delete(session.id);
          await link.stop();
        },
      };
    },
    async use(session, terminal, call) {
      const known = links.get(session.id);
      if (known !== undefined) return await call(known);
      const link = open(session, terminal, () => undefined);
      try {
        return await call(link);
      } finally {
        await link.stop();
      }
    },
    get: (sessionId) => links.get(sessionId),
  };
}
