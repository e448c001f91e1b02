import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "claude-code",
  slot: "agent",
  description: "Claude Code",
  version: "0.1.0",
  programs: [{ name: "claude" }],
};
