import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "tmux",
  slot: "terminal",
  description: "Windows in your own tmux",
  version: "0.1.0",
};
