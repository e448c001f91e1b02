import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "clone",
  slot: "workspace",
  description: "a clone of the project's repository for each session, with config, hooks and refs of its own",
  version: "0.1.0",
};
