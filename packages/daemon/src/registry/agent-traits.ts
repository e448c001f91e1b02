import type { Policy } from "@agent-orchestrator/core/model/policy";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { Log } from "@agent-orchestrator/core/slots/common";

export interface AgentTraits {
  /** Loads the plugins, so that the next `of` is exact. */
  load(record: SessionRecord, agent: () => Promise<Agent>): Promise<void>;
  of(record: SessionRecord, agent: () => Promise<Agent>): Policy["agent"];
}

/** What decisions need to know about an agent plugin. Until it is loaded, the most careful values apply. */
export function createAgentTraits(log: Log): AgentTraits {
  const known = new Map<string, Policy["agent"]>();
  const loading = new Map<string, Promise<void>>();
  const careful: Policy["agent"] = { lifetime: "interactive", receipts: "never", canResume: true };
  /** Options are immutable, and decisions ask with every fact. */
  const written = new WeakMap<SessionRecord["agentOptions"], string>();
  const keyOf = ({ agent, agentOptions }: SessionRecord) => {
    const options = written.get(agentOptions) ?? JSON.stringify(agentOptions);
    written.set(agentOptions, options);
    return `${agent} ${options}`;
  };

  function load(record: SessionRecord, agent: () => Promise<Agent>): Promise<void> {
    const key = keyOf(record);
    const running = loading.get(key);
    if (running !== undefined || known.has(key)) return running ?? Promise.resolve();
    const begun = agent()
      .then((loaded) => void known.set(key, traitsOf(loaded)))
      .catch((error: unknown) => log.debug(`agent ${record.agent}: ${String(error)}`))
      .finally(() => loading.delete(key));
    loading.set(key, begun);
    return begun;
  }

  return {
    load,
    of(record: SessionRecord, agent: () => Promise<Agent>): Policy["agent"] {
      const traits = known.get(keyOf(record));
      if (traits === undefined) void load(record, agent);
      return traits ?? careful;
    },
  };
}

const traitsOf = (agent: Agent): Policy["agent"] => ({
  lifetime: agent.lifetime ?? "interactive",
  receipts: agent.receipts ?? "never",
  canResume: agent.canResume !== false,
});
