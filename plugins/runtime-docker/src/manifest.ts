import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "docker",
  slot: "runtime",
  description: "Agents in containers, each with limits and without rights",
  version: "0.1.0",
};
