import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** A coding agent that a config can name, and how it takes its first message. */
export interface AgentProgram {
  program: string;
  /** For the agent that is any program. */
  args: string[];
  /** The plugin made for it, where there is one. */
  plugin: string;
}

/** In the order they are suggested in. */
export const AGENT_PROGRAMS: readonly AgentProgram[] = [
  { program: "claude", args: ["{prompt}"], plugin: "claude-code" },
  { program: "codex", args: ["{prompt}"], plugin: "codex" },
  { program: "opencode", args: ["--prompt", "{prompt}"], plugin: "opencode" },
  { program: "aider", args: ["--message-file", "{promptFile}"], plugin: "aider" },
  { program: "gemini", args: ["--prompt-interactive", "{prompt}"], plugin: "gemini" },
];

/** Those that are on this PATH. Nothing is run. */
export function findAgents(path: string | undefined): AgentProgram[] {
  const folders = (path ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  return AGENT_PROGRAMS.filter(({ program }) => folders.some((folder) => isExecutable(join(folder, program))));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // Not there, or not for us: either way not usable.
    return false;
  }
}
