import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "web",
  slot: "terminal",
  description: "The session's page on the dashboard, in your browser",
  version: "0.1.0",
};
