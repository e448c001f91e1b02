import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "slack",
  slot: "notifier",
  description: "Slack: a thread for each session, with buttons and replies that act",
  version: "0.1.0",
  secrets: ["token", "appToken", "url"],
};
