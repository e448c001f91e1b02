import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "desktop",
  slot: "notifier",
  description: "Desktop notifications",
  version: "0.1.0",
};
