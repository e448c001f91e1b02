import { isProgram } from "../needed-programs.ts";

/** A coding agent that a config can name. */
export interface AgentProgram {
  program: string;
  /** The plugin for it, or for the protocol that it speaks. */
  plugin: string;
  /** How it is started, if the plugin does not know. */
  command?: string[];
}

/** In the order in which they are suggested. */
export const AGENT_PROGRAMS: readonly AgentProgram[] = [
  { program: "claude", plugin: "claude-code" },
  { program: "codex", plugin: "codex" },
  { program: "opencode", plugin: "opencode" },
  { program: "aider", plugin: "aider" },
  { program: "gemini", plugin: "acp", command: ["gemini", "--experimental-acp"] },
  { program: "goose", plugin: "acp", command: ["goose", "acp"] },
];

/** Those that are on this PATH. Nothing is run. */
export function findAgents(path: string | undefined): AgentProgram[] {
  return AGENT_PROGRAMS.filter(({ program }) => isProgram(program, path));
}
