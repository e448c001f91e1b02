import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext, PluginManifest, PluginModule } from "@agent-orchestrator/core/slots/common";
import { openCodeAgent } from "./opencode.ts";

export const manifest: PluginManifest = {
  name: "opencode",
  slot: "agent",
  description: "OpenCode as an agent",
  version: "0.1.0",
};

export function create(config: Record<string, unknown> = {}, context?: PluginContext): Agent {
  return openCodeAgent(config, context);
}

export default { manifest, create } satisfies PluginModule<Agent>;
