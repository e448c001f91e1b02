import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext, PluginModule } from "@agent-orchestrator/core/slots/common";
import { acpAgent } from "./acp.ts";
import { manifest } from "./manifest.ts";

export function create(config: Record<string, unknown> = {}, context?: PluginContext): Agent {
  return acpAgent(config, context);
}

export { manifest };

export default { manifest, create } satisfies PluginModule<Agent>;
