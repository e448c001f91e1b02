import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";

/** Full path of the program on this PATH; null: not there. */
export function locate(command: string, env: Readonly<Record<string, string>>): string | null {
  const path = command.startsWith("~/") && env.HOME !== undefined ? join(env.HOME, command.slice(2)) : command;
  if (path.includes("/")) return isExecutable(path) ? path : null;
  const places = (env.PATH ?? "").split(delimiter).filter((dir) => isAbsolute(dir));
  return places.map((dir) => join(dir, path)).find(isExecutable) ?? null;
}

export function missing(command: string): AoError {
  return new AoError("UNAVAILABLE", `the program of the agent \`opencode\` is not there: ${command}`, {
    hint: "Install it (`npm install -g opencode-ai`), or name it in `agentConfig: {command: …}`.",
  });
}

/** As the program sees its own working folder. */
export function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // Not made yet.
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // Not there or not executable is the answer, not a failure.
  }
}
