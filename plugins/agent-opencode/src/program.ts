import { realpathSync } from "node:fs";
import { AoError } from "@agent-orchestrator/core/model/errors";

export function missing(command: string): AoError {
  return new AoError("UNAVAILABLE", `the program of the agent \`opencode\` was not found: ${command}`, {
    hint: "Install it (`npm install -g opencode-ai`), or name it in `agentConfig: {command: …}`.",
  });
}

/** The working folder as the program sees it. */
export function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // Not created yet.
  }
}
