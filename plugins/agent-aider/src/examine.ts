import { isAbsolute } from "node:path";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { findProgram } from "@agent-orchestrator/plugin-kit/program";
import type { AiderOptions } from "./options.ts";

/** The version from whose source this plugin was written. It was never run with the program itself. */
export const READ_VERSION = "0.86";
const VERSION_MS = 30_000;

/** Throws UNAVAILABLE if the program is certainly missing. */
export function checkProgram({ command }: AiderOptions, env: Readonly<Record<string, string>>): void {
  if (command.includes("/") && !isAbsolute(command)) return;
  if (findProgram(command, env) !== null) return;
  throw new AoError("UNAVAILABLE", `the agent's program ${command} was not found`, {
    hint: "Install it (`python -m pip install aider-install && aider-install`), or set `agentConfig: {command: …}`.",
  });
}

export async function examine(options: AiderOptions, env: Record<string, string>): Promise<AgentFinding[]> {
  return [...(await versionFindings(options, env)), ...modeFindings(options)];
}

async function versionFindings(options: AiderOptions, env: Record<string, string>): Promise<AgentFinding[]> {
  let version: string;
  try {
    checkProgram(options, env);
    const { stdout } = await exec(options.command, ["--version"], { env, timeoutMs: VERSION_MS });
    version = /(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1] ?? "";
  } catch (error) {
    const { message, hint } = toAoError(error);
    return [{ level: "error", text: `aider: ${message}`, ...(hint === undefined ? {} : { hint }) }];
  }
  if (version.startsWith(`${READ_VERSION}.`)) {
    return [
      {
        level: "ok",
        text: `aider ${version}: its prompts and files are read as its source of that release writes them`,
      },
    ];
  }
  const text = `aider ${version || "of an unknown version"}: this plugin was written from the source of ${READ_VERSION}`;
  return [{ level: "warning", text, hint: "If its prompts have changed since, ao may misread what aider does." }];
}

function modeFindings({ permissions }: AiderOptions): AgentFinding[] {
  if (permissions !== "auto" && permissions !== "skip") return [];
  const text = `aider runs with --yes-always (permissions: ${permissions}): it asks nothing, and still runs no shell command`;
  return [{ level: "warning", text }];
}
