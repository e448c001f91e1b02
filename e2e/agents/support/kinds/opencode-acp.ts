import type { AgentKind } from "../agent-kind.ts";
import { openCode, seedOpenCode } from "./opencode.ts";

/** An agent that speaks the Agent Client Protocol (here OpenCode). All of them share the protocol, and have no terminal program. */
export const openCodeByAcp = (name: string, bin: string, version: string): AgentKind => ({
  ...openCode(name, bin, version),
  plugin: "acp",
  runtime: "process",
  agentConfig: { command: ["opencode", "acp"], allow: ["sh tick.sh"] },
  // Without this it never asks.
  seed: (stage) => seedOpenCode(stage, { permission: { edit: "ask", bash: "ask" } }),
  lacks: {
    limit: "the protocol reports none",
    hooks: "it has a protocol instead of hooks",
    question: "the protocol has no questions, only permissions",
    exit: "it has no terminal program to leave",
    compaction: "the protocol has no way to ask for one",
    draft: "there is no input box with a draft",
  },
});
