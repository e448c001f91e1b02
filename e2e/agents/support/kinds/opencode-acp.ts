import type { AgentKind } from "../agent-kind.ts";
import { openCode, seedOpenCode } from "./opencode.ts";

/** Any agent that speaks the Agent Client Protocol, here OpenCode: no terminal program, the same protocol for all. */
export const openCodeByAcp = (name: string, bin: string, version: string): AgentKind => ({
  ...openCode(name, bin, version),
  plugin: "acp",
  runtime: "process",
  agentConfig: { command: ["opencode", "acp"], allow: ["sh tick.sh"] },
  // Without this it asks nobody.
  seed: (stage) => seedOpenCode(stage, { permission: { edit: "ask", bash: "ask" } }),
  lacks: {
    limit: "the protocol does not tell of one",
    hooks: "it has no hooks, but a protocol",
    question: "the protocol has no questions, only permissions",
    exit: "there is no terminal in which to leave it",
    draft: "there is no input box with a draft",
  },
});
