import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext, PluginManifest, PluginModule } from "@agent-orchestrator/core/slots/common";
import { acpAgent } from "./acp.ts";

export const manifest: PluginManifest = {
  name: "acp",
  slot: "agent",
  description: "any agent that speaks ACP (Agent Client Protocol) over stdio",
  version: "0.1.0",
};

export function create(config: Record<string, unknown> = {}, context?: PluginContext): Agent {
  return acpAgent(config, context);
}

export default { manifest, create } satisfies PluginModule<Agent>;
