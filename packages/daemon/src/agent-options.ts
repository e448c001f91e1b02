import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { App } from "./app.ts";
import { configuredAgents } from "./chosen-agent.ts";
import type { InstanceConfig } from "./config/instance.ts";

/** Returns the plugins' objections to the options in this config, in the words of a spawn. */
export async function optionProblems(app: App, instance: InstanceConfig): Promise<string[]> {
  const lines = await Promise.all(
    configuredAgents(instance).map(async ({ project, chosen: { name, options } }) => {
      try {
        await app.world.projectPlugins(project, { agent: name, agentOptions: options }).agent();
        return [];
      } catch (error) {
        // It is not trusted yet or can't be loaded, which is reported where it is used.
        if (!isAoError(error) || error.code !== "CONFIG") return [];
        return [`${project.id}: ${error.message}${error.hint === undefined ? "" : ` (${error.hint})`}`];
      }
    }),
  );
  return [...new Set(lines.flat())];
}
