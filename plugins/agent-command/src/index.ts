import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext, PluginManifest, PluginModule } from "@agent-orchestrator/core/slots/common";
import { commandAgent } from "./command.ts";

export const manifest: PluginManifest = {
  name: "command",
  slot: "agent",
  description: "Any program as an agent",
  version: "0.1.0",
};

export function create(config: Record<string, unknown> = {}, context?: PluginContext): Agent {
  return commandAgent(config, context);
}

export default { manifest, create } satisfies PluginModule<Agent>;
