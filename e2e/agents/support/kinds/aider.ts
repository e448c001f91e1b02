import type { AgentKind } from "../agent-kind.ts";

/**
 * SIMULATED: Aider comes from PyPI, which these tests do not use. They run a stand-in of ours, written from what Aider's source
 * (0.86) says about its files, prompts and questions. It tests the plugin against that reading, not against Aider.
 */
export const aider = (name: string, bin: string, version: string): AgentKind => ({
  name,
  plugin: "aider",
  version,
  bin,
  // Aider itself retries for a minute.
  env: ({ modelUrl }) => ({
    OPENAI_API_BASE: `${modelUrl}/v1`,
    OPENAI_API_KEY: "dummy",
    AIDER_STAND_IN_RETRY_S: "4",
  }),
  seed: () => undefined,
  agentConfig: { permissions: "edits", allow: ["sh tick.sh"], model: "openai/gpt-4o" },
  leave: [["-l", "/exit"], ["Enter"]],
  lacks: {
    hooks: "it has no hooks",
    stream: "its stand-in shows an answer only as a whole",
    subagent: "Aider has none",
    compaction: "Aider shortens its history by itself, between turns",
    limit: "it does not say when a limit ends, so a spent quota is a failure",
    question: "Aider has no questions with choices: its model asks in plain words",
  },
});
