import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext, PluginModule } from "@agent-orchestrator/core/slots/common";
import { claudeAgent } from "./agent.ts";
import { manifest } from "./manifest.ts";

export function create(config: Record<string, unknown> = {}, context?: PluginContext): Agent {
  return claudeAgent(config, context);
}

export { manifest };

export default { manifest, create } satisfies PluginModule<Agent>;
