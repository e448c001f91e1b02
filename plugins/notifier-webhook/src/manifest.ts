import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "webhook",
  slot: "notifier",
  description: "Notifications by HTTP, for phones, chats and other programs",
  version: "0.1.0",
  secrets: ["url", "secret", "token", "headers"],
};
