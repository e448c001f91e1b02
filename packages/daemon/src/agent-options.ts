import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { App } from "./app.ts";
import { configuredAgents } from "./chosen-agent.ts";
import type { InstanceConfig } from "./config/instance.ts";

/** What the plugins say of the options that this config gives them: what a spawn would be refused for. */
export async function optionProblems(app: App, instance: InstanceConfig): Promise<string[]> {
  const lines = await Promise.all(
    configuredAgents(instance).map(async ({ project, chosen: { name, options } }) => {
      try {
        await app.world.projectPlugins(project, { agent: name, agentOptions: options }).agent();
        return [];
      } catch (error) {
        // Not trusted yet, or not to be loaded: told where it is used.
        if (!isAoError(error) || error.code !== "CONFIG") return [];
        return [`${project.id}: ${error.message}${error.hint === undefined ? "" : ` (${error.hint})`}`];
      }
    }),
  );
  return [...new Set(lines.flat())];
}
