import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext, PluginManifest, PluginModule } from "@agent-orchestrator/core/slots/common";
import { codexAgent } from "./codex.ts";

export const manifest: PluginManifest = {
  name: "codex",
  slot: "agent",
  description: "OpenAI Codex, through its own app server",
  version: "0.1.0",
};

export function create(config: Record<string, unknown> = {}, context?: PluginContext): Agent {
  return codexAgent(config, context);
}

export default { manifest, create } satisfies PluginModule<Agent>;
