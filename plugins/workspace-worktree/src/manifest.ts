import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "worktree",
  slot: "workspace",
  description: "a git worktree of the project's repository for each session",
  version: "0.1.0",
};
