import { systemClock } from "@agent-orchestrator/core/host/clock";
import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { Clock, Log, PluginContext, PluginManifest, PluginModule } from "@agent-orchestrator/core/slots/common";
import { isHandleRunning } from "@agent-orchestrator/plugin-kit/handle";
import { shellQuote } from "@agent-orchestrator/plugin-kit/quote";

/** What an agent is made with. */
export interface AgentMeans<O> {
  /** As configured for the instance and the project. */
  options: O;
  /** With a session's own `agentConfig` over them. Throws CONFIG. */
  optionsFor(own: Record<string, unknown>): O;
  clock: Clock;
  log: Log;
  context: PluginContext | undefined;
}

/** What an agent with `getLaunchSpec` has nothing to say to. */
type Seldom = "getLaunchCommand" | "getEnvironment";

/** The agent's own methods and traits. */
export type AgentParts = Omit<Agent, Seldom | "name"> & Partial<Pick<Agent, Seldom>>;

/** For an agent that observes, which core does not ask. Others may still call them. */
const OBSERVED: Partial<Agent> = {
  detectActivity: () => "unknown",
  getActivityState: async () => null,
  isProcessRunning: async (handle) => isHandleRunning(handle),
  getSessionInfo: async () => null,
};

export interface AgentDefinition<O> {
  manifest: PluginManifest;
  /** Throws CONFIG with every problem at once. */
  parse(config: Record<string, unknown>): O;
  agent(means: AgentMeans<O>): AgentParts;
}

export interface AgentModule extends PluginModule<Agent> {
  create(config?: Record<string, unknown>, context?: PluginContext): Agent;
}

const SILENT: Log = { debug: () => undefined, warn: () => undefined };

/** A plugin for the slot `agent`. The project's `agentConfig` goes over the instance's. `create` throws CONFIG. */
export function defineAgent<O>({ manifest, parse, agent }: AgentDefinition<O>): AgentModule {
  return {
    manifest,
    create(config = {}, context) {
      const given = { ...config, ...context?.project?.agentConfig };
      const parts = agent({
        options: parse(given),
        optionsFor: (own) => parse({ ...given, ...own }),
        clock: context?.clock ?? systemClock,
        log: context?.log ?? SILENT,
        context,
      });
      return {
        ...OBSERVED,
        name: manifest.name,
        outerMarks: [],
        getLaunchCommand: () => shellQuote(parts.processName),
        getEnvironment: () => ({}),
        ...parts,
      };
    },
  };
}
