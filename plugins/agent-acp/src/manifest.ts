import type { PluginManifest } from "@agent-orchestrator/core/slots/common";

export const manifest: PluginManifest = {
  name: "acp",
  slot: "agent",
  description: "any agent that speaks ACP (Agent Client Protocol) over stdio",
  version: "0.1.0",
  programs: [
    { name: "gemini", command: ["gemini", "--experimental-acp"] },
    { name: "goose", command: ["goose", "acp"] },
  ],
};
