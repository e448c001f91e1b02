import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "github",
  slot: "scm",
  description: "Pull requests, checks, reviews and merges on GitHub",
  version: "0.1.0",
  hosts: ["github.com"],
  tokenVariables: ["GITHUB_TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"],
  secrets: ["token", "identity.token", "webhook.secret"],
};
