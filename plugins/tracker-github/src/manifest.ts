import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "github",
  slot: "tracker",
  description: "Issues on GitHub",
  version: "0.1.0",
  hosts: ["github.com"],
  tokenVariables: ["GITHUB_TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"],
  secrets: ["token"],
};
