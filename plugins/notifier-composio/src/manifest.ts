import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "composio",
  slot: "notifier",
  description: "Notifications through a tool of Composio",
  version: "0.1.0",
  secrets: ["apiKey"],
};
