import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "local",
  slot: "scm",
  description: "Pull requests, CI and reviews in local files; no forge needed",
  version: "0.1.0",
};
