import { type AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { App } from "../app.ts";
import { chosenAgent } from "../sessions/chosen-agent.ts";
import type { InstanceConfig } from "./instance.ts";

/** Returns the unknown agent names in a config, with where each is written and what was probably meant. */
export async function unknownAgents(app: App, instance: InstanceConfig): Promise<{ where: string; error: AoError }[]> {
  const named = [
    ...Object.entries(instance.agents).map(([name, { plugin }]) => ({ where: `agents.${name}.plugin`, plugin })),
    ...instance.projects.map((project) => ({
      where: `projects.${project.id}.agent`,
      plugin: chosenAgent(project).plugin,
    })),
  ];
  const unknown: { where: string; error: AoError }[] = [];
  for (const { where, plugin } of named) {
    try {
      await app.registry.load("agent", plugin, instance);
    } catch (error) {
      // Not trusted yet, broken, or of a later release. This is reported where it is used.
      if (isAoError(error) && error.code === "NOT_FOUND") unknown.push({ where, error });
    }
  }
  return unknown;
}
