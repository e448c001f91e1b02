import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext, PluginManifest, PluginModule } from "@agent-orchestrator/core/slots/common";
import { claudeAgent } from "./agent.ts";

export const manifest: PluginManifest = {
  name: "claude-code",
  slot: "agent",
  description: "Claude Code",
  version: "0.1.0",
};

export function create(config: Record<string, unknown> = {}, context?: PluginContext): Agent {
  return claudeAgent(config, context);
}

export default { manifest, create } satisfies PluginModule<Agent>;
