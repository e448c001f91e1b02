import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "command",
  slot: "agent",
  description: "Any program as an agent",
  version: "0.1.0",
};
