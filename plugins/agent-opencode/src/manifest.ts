import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "opencode",
  slot: "agent",
  description: "OpenCode as an agent",
  version: "0.1.0",
  programs: [{ name: "opencode" }],
};
