import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "linear",
  slot: "tracker",
  description: "Issues in Linear",
  version: "0.1.0",
  tokenVariables: ["LINEAR_API_KEY", "LINEAR_ACCESS_TOKEN"],
  secrets: ["apiKey", "accessToken"],
};
