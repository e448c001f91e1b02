import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext, PluginManifest, PluginModule } from "@agent-orchestrator/core/slots/common";
import { aiderAgent } from "./aider.ts";

export const manifest: PluginManifest = {
  name: "aider",
  slot: "agent",
  description: "Aider",
  version: "0.1.0",
};

export function create(config: Record<string, unknown> = {}, context?: PluginContext): Agent {
  return aiderAgent(config, context);
}

export default { manifest, create } satisfies PluginModule<Agent>;
