import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { findProgram, inHome, isExecutable } from "@agent-orchestrator/plugin-kit/program";

export interface Looked {
  command: string;
  env: Readonly<Record<string, string>>;
  /** How to install it: a command. */
  install?: string;
  /** The project's folder, if there is one. */
  project?: string | undefined;
}

/**
 * The program's full path, as far as it is known before there is a checkout: a relative one is left as it is, because the checkout may have
 * it. Throws UNAVAILABLE if the program is certainly missing.
 */
export function locate({ command, env, install, project }: Looked): string {
  const path = inHome(command, env);
  if (path.includes("/") && !isAbsolute(path)) {
    const inProject = project === undefined ? null : join(project, path);
    if (inProject === null || !existsSync(inProject) || isExecutable(inProject)) return path;
    throw new AoError("UNAVAILABLE", `${path} is not executable`, { hint: `Make it so: chmod +x ${path}` });
  }
  const found = findProgram(path, env);
  if (found !== null) return found;
  const how = install === undefined ? "Install it" : `Install it (\`${install}\`)`;
  throw new AoError("UNAVAILABLE", `the agent's program ${command} was not found`, {
    hint: `${how}, or fix \`agentConfig: {command: …}\`.`,
  });
}

export interface Examined {
  /** The program's name for people. */
  title: string;
  /** Its full path. Throws an AoError if it is missing. */
  locate(): string;
  /** What to run in its place, such as the program behind a wrapper. */
  native?(path: string): string;
  /** Arguments before `--version`. */
  args?: readonly string[];
  env: Record<string, string>;
  /** Versions, or beginnings of versions, that the plugin was tried with. */
  tried: readonly string[];
  /** Default: whether the version is one of `tried` or begins with one. */
  isTried?(version: string): boolean;
  /** What is known with a version that was tried, instead of its path. */
  note?: string;
  /** What to expect of a version that was not tried. */
  hint: string;
}

/** A busy machine starts a large program slowly. */
const VERSION_MS = 20_000;

/** What `ao doctor` says about a program: whether it is there, and whether its version was tried. The path is null if it is missing. */
export async function examineProgram(of: Examined): Promise<{ path: string | null; findings: AgentFinding[] }> {
  let path: string;
  try {
    path = of.locate();
  } catch (error) {
    return { path: null, findings: [failed(error)] };
  }
  return { path, findings: [await versionFinding(path, of)] };
}

/** An error as a finding, with its hint. */
export function failed(error: unknown): AgentFinding {
  const { message, hint } = toAoError(error);
  return { level: "error", text: message, ...(hint === undefined ? {} : { hint }) };
}

async function versionFinding(path: string, of: Examined): Promise<AgentFinding> {
  const { title, env, tried, args = [] } = of;
  let stdout: string;
  try {
    ({ stdout } = await exec(of.native?.(path) ?? path, [...args, "--version"], { env, timeoutMs: VERSION_MS }));
  } catch (error) {
    return { level: "error", text: `${title} does not tell its version: ${toAoError(error).message}` };
  }
  const version = /\d+\.\d+(?:\.\d+)?[^\s,)]*/.exec(stdout)?.[0];
  const isTried = of.isTried ?? ((known) => tried.some((each) => known === each || known.startsWith(`${each}.`)));
  if (version !== undefined && isTried(version))
    return { level: "ok", text: `${title} ${version}: ${of.note ?? path}` };
  const text = `${title} ${version ?? "of an unknown version"} was not tried with this ao (tried: ${tried.join(", ")})`;
  return { level: "warning", text, hint: of.hint };
}
