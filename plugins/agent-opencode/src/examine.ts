import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { findProgram } from "@agent-orchestrator/plugin-kit/program";
import { loginFinding } from "./login.ts";
import type { OpenCodeOptions } from "./options.ts";
import { missing } from "./program.ts";

/** The releases from which events, answers and screens were recorded. */
export const TRIED = ["1.18"];
const VERSION_MS = 20_000;

export async function examine(options: OpenCodeOptions, environment: Record<string, string>): Promise<AgentFinding[]> {
  const env = { ...environment, ...options.env };
  const program = findProgram(options.command, env);
  if (program === null) {
    const { message, hint } = missing(options.command);
    return [{ level: "error", text: message, ...(hint === undefined ? {} : { hint }) }];
  }
  const [version, login] = await Promise.all([versionFinding(program, env), loginFinding(env)]);
  return [version, ...login, ...modeFinding(options)];
}

async function versionFinding(program: string, env: Record<string, string>): Promise<AgentFinding> {
  try {
    const { stdout } = await exec(program, ["--version"], { env, timeoutMs: VERSION_MS });
    const version = /\d+\.\d+\.\d+\S*/.exec(stdout)?.[0] ?? stdout.trim();
    if (TRIED.some((line) => version.startsWith(`${line}.`))) return { level: "ok", text: `OpenCode ${version}` };
    return {
      level: "warning",
      text: `OpenCode ${version} is not among the versions that ao was tried with (${TRIED.join(", ")})`,
      hint: "Its server's answers are checked one by one. What ao does not know is ignored, and the screen is trusted less.",
    };
  } catch (error) {
    return { level: "error", text: `${program} does not tell its version: ${String(error)}` };
  }
}

function modeFinding({ permissions }: OpenCodeOptions): AgentFinding[] {
  if (permissions !== "skip") return [];
  return [{ level: "warning", text: "permissions: skip, so OpenCode runs everything that its config does not deny" }];
}
