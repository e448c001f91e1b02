import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext, PluginModule } from "@agent-orchestrator/core/slots/common";
import { manifest } from "./manifest.ts";
import { openCodeAgent } from "./opencode.ts";

export function create(config: Record<string, unknown> = {}, context?: PluginContext): Agent {
  return openCodeAgent(config, context);
}

export { manifest };

export default { manifest, create } satisfies PluginModule<Agent>;
