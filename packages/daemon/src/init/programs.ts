import type { PluginManifest } from "@agent-orchestrator/core/slots/common";
import { isProgram } from "../environment/needed-programs.ts";

/** An agent's program on this machine. */
export interface AgentProgram {
  program: string;
  /** The plugin for it, or for the protocol that it speaks. */
  plugin: string;
  /** How it is started, if the plugin does not know. */
  command?: readonly string[];
}

/** The programs of these agents that are on this PATH, in the plugins' order. Nothing is run. */
export function findAgents(agents: readonly PluginManifest[], path: string | undefined): AgentProgram[] {
  return agents.flatMap(({ name: plugin, programs = [] }) =>
    programs
      .filter(({ name }) => isProgram(name, path))
      .map(({ name, command }) => ({ program: name, plugin, ...(command === undefined ? {} : { command }) })),
  );
}

/** The programs that this plugin needs and this PATH lacks. */
export function lacking({ programs = [] }: PluginManifest, path: string | undefined): string[] {
  return programs.filter(({ name }) => !isProgram(name, path)).map(({ name }) => name);
}
