import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { App } from "../app.ts";
import type { Launching } from "../environment/environments.ts";
import type { PluginOverrides } from "../registry/plugin-cache.ts";
import { requireUsable } from "../registry/usable-runtime.ts";
import type { ChosenAgent } from "./chosen-agent.ts";

export interface Start {
  chosen: ChosenAgent;
  /** Where it will run, if not in the project's own folder. */
  places: Pick<PluginOverrides, "runtime" | "workspace">;
  from: Launching;
}

/**
 * Checks a start in advance: the plugins exist, the options are valid, the runtime works, and the agent finds what it needs
 * in the environment that its launch will have. Throws with the reason, before anything is created or stopped.
 */
export async function requireFit(
  app: Pick<App, "world" | "environments">,
  project: ProjectConfig,
  { chosen, places, from }: Start,
): Promise<void> {
  const { name, options } = chosen;
  const plugins = app.world.projectPlugins(project, { agent: name, agentOptions: options, ...places });
  const [agent, runtime] = await Promise.all([plugins.agent(), plugins.runtime(), plugins.workspace()]);
  await requireUsable(runtime);
  if (agent.preflight !== undefined) {
    const means = await app.world.agentMeans(project, chosen, await app.environments.launching(from));
    await agent.preflight({ ...means, hasScreen: runtime.getScreen !== undefined });
  }
}
