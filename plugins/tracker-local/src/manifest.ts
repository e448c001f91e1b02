import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "local",
  slot: "tracker",
  description: "Issues as Markdown files in the project's folder",
  version: "0.1.0",
};
