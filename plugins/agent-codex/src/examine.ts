import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { findProgram } from "@agent-orchestrator/plugin-kit/program";
import type { CodexOptions } from "./options.ts";
import { missing, nativeOf } from "./program.ts";
import { examineSetup } from "./setup.ts";

/** Versions whose app server, dialogs and record were tested or recorded. */
const TRIED = ["0.169", "0.171"];
const VERSION_MS = 10_000;

/** For `ao doctor`: the program, its version, its set-up, and what the user allowed. */
export async function examine({
  options,
  env: given,
  repository,
}: {
  options: CodexOptions;
  env: Record<string, string>;
  repository: string | null;
}): Promise<AgentFinding[]> {
  const env = { ...given, ...options.env };
  const program = findProgram(options.command, env);
  if (program === null) {
    const { message, hint } = missing(options.command);
    return [{ level: "error", text: message, ...(hint === undefined ? {} : { hint }) }];
  }
  const findings: AgentFinding[] = [await versionOf(program, env), ...examineSetup({ options, env, repository })];
  if (options.permissions === "skip") {
    findings.push({ level: "warning", text: "codex runs without sandbox and without questions: `permissions: skip`" });
  }
  return findings;
}

async function versionOf(program: string, env: Record<string, string>): Promise<AgentFinding> {
  try {
    const { stdout } = await exec(nativeOf(program), ["--version"], { env, timeoutMs: VERSION_MS });
    const version = /\d+\.\d+\.\d+\S*/.exec(stdout)?.[0];
    if (version === undefined) throw new AoError("FAILED", `it says ${stdout.trim() || "nothing"}`);
    const isTried = TRIED.some((known) => version.startsWith(`${known}.`));
    if (isTried) return { level: "ok", text: `codex ${version} (${program})` };
    return {
      level: "warning",
      text: `codex ${version} (${program}) is not among the versions tried (${TRIED.join(", ")})`,
      hint: "Its state comes from its own protocol, which rarely changes. A new kind of dialog may show as unknown.",
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { level: "error", text: `codex --version failed: ${message}` };
  }
}
