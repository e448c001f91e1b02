import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "process",
  slot: "runtime",
  description: "Agents as plain processes under a small runner, without tmux",
  version: "0.1.0",
};
