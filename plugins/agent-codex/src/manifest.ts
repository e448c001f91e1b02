import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "codex",
  slot: "agent",
  description: "OpenAI Codex, through its own app server",
  version: "0.1.0",
  programs: [{ name: "codex" }],
};
