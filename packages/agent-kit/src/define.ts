import { systemClock } from "@agent-orchestrator/core/host/clock";
import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { Clock, Log, PluginContext, PluginManifest, PluginModule } from "@agent-orchestrator/core/slots/common";
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

/** Methods that core does not call if the agent has `getLaunchSpec`. */
type Seldom = "getLaunchCommand" | "getEnvironment";

/** The agent's own methods and traits. */
export type AgentParts = Omit<Agent, Seldom | "name"> & Partial<Pick<Agent, Seldom>>;

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
        name: manifest.name,
        outerMarks: [],
        getLaunchCommand: () => shellQuote(parts.processName),
        getEnvironment: () => ({}),
        ...parts,
      };
    },
  };
}
