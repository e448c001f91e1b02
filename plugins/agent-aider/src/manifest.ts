import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "aider",
  slot: "agent",
  description: "Aider",
  version: "0.1.0",
  programs: [{ name: "aider" }],
};
