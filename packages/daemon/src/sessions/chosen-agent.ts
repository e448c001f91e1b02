import { COMMON_AGENT_OPTIONS } from "@agent-orchestrator/core/model/config-plugin";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { InstanceConfig } from "../config/instance.ts";

/** The plugin behind a name, and its options. Variables are not filled in yet. */
export interface ChosenAgent {
  /** As the user wrote it: a plugin's name, or that of a variant in `agents:`. */
  name: string;
  plugin: string;
  /** Without `env`, which may contain secrets and is never stored. */
  options: Record<string, unknown>;
  env: Record<string, string>;
}

export interface ConfiguredAgent {
  project: ProjectConfig;
  chosen: ChosenAgent;
}

/**
 * `--agent`, else the project's own. The project's settings for its agent apply to every name of the same plugin. Another plugin gets
 * those that mean the same for every agent, because it must not ask less only because it is a different one.
 */
export function chosenAgent(project: ProjectConfig, wanted?: string): ChosenAgent {
  const name = wanted ?? project.agent.plugin;
  const plugin = pluginOf(project, name);
  const isOwnPlugin = plugin === pluginOf(project, project.agent.plugin);
  const isOwnName = name === project.agent.plugin;
  const variant = variantOf(project, name);
  const chosen = isOwnName ? project.agent.options : {};
  const ofProject = isOwnPlugin ? project.agentConfig : forEveryAgent(project);
  const shared = variant?.options.command === undefined ? ofProject : withoutProgram(ofProject);
  const layers = variant === null ? [chosen, shared] : [shared, variant.options, chosen];
  const { env: _, ...options } = Object.assign({}, ...layers) as Record<string, unknown>;
  const env = Object.assign({}, ...layers.map((layer) => layer.env ?? {})) as Record<string, string>;
  return { name, plugin, options, env };
}

/** What is said about one program does not fit another. */
function withoutProgram(options: Record<string, unknown>): Record<string, unknown> {
  const ofProgram = new Set(["args", "resume", "lifetime", "promptDelivery"]);
  return Object.fromEntries(Object.entries(options).filter(([key]) => !ofProgram.has(key)));
}

/** As the project's own agent would get them: options next to a variant's name win, else `agentConfig`. */
function forEveryAgent(project: ProjectConfig): Record<string, unknown> {
  const { agent, agentConfig } = project;
  const isVariant = variantOf(project, agent.plugin) !== null;
  const said = isVariant ? { ...agentConfig, ...agent.options } : { ...agent.options, ...agentConfig };
  return Object.fromEntries(
    COMMON_AGENT_OPTIONS.flatMap((key) => (Object.hasOwn(said, key) ? [[key, said[key]]] : [])),
  );
}

const pluginOf = (project: ProjectConfig, name: string): string => variantOf(project, name)?.plugin ?? name;

const variantOf = ({ agents }: ProjectConfig, name: string) =>
  Object.hasOwn(agents, name) ? (agents[name] ?? null) : null;

/** Each project's own agent, and every variant, without duplicates. */
export function configuredAgents({ projects, agents }: Pick<InstanceConfig, "projects" | "agents">): ConfiguredAgent[] {
  const [first] = projects;
  const own = projects.map((project) => ({ project, chosen: chosenAgent(project) }));
  const variants =
    first === undefined
      ? []
      : Object.keys(agents).map((name) => ({ project: first, chosen: chosenAgent(first, name) }));
  const known = new Map([...own, ...variants].map((one) => [JSON.stringify(one.chosen), one]));
  return [...known.values()];
}
