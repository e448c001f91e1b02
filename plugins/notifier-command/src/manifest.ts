import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "command",
  slot: "notifier",
  description: "Notifications through a program of your own",
  version: "0.1.0",
};
