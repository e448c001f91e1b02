import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "tmux",
  slot: "runtime",
  description: "runs agents in tmux sessions on a separate server",
  version: "0.1.0",
  programs: [
    {
      name: "tmux",
      version: { args: ["-V"], least: [3, 2] },
      hint: "Install tmux 3.2 or newer, or set `runtime: process`.",
    },
  ],
};
