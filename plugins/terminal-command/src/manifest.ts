import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "command",
  slot: "terminal",
  description: "A terminal program of your choice",
  version: "0.1.0",
};
