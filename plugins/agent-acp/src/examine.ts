import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { foundProgram } from "./launch.ts";
import { type AcpOptions, commandOf } from "./options.ts";

/** The programs and versions that this plugin was tested with. */
const TRIED: Readonly<Record<string, readonly string[]>> = { opencode: ["1.18.33"] };

/** For `ao doctor`: whether the program is installed, its version, and what it may do. */
export async function examine(options: AcpOptions, env: Record<string, string>): Promise<AgentFinding[]> {
  const [program = ""] = commandOf(options);
  const path = foundProgram(program, env);
  if (path === null) {
    return [
      { level: "error", text: `${program} was not found`, hint: "Install it, or fix `agentConfig: {command: …}`." },
    ];
  }
  return [await versionFinding(program, path, env), ...permissionFindings(options)];
}

async function versionFinding(program: string, path: string, env: Record<string, string>): Promise<AgentFinding> {
  const name = program.split("/").at(-1) ?? program;
  const tried = TRIED[name];
  if (tried === undefined) {
    return {
      level: "ok",
      text: `${name} is there; this plugin was not tried with it, only with what it should speak (ACP 1)`,
    };
  }
  const version = await versionOf(path, env);
  if (version !== null && tried.includes(version)) return { level: "ok", text: `${name} ${version}` };
  return {
    level: "warning",
    text: `${name} ${version ?? "of an unknown version"}; tried with ${tried.join(", ")}`,
    hint: "Its protocol has its own versions, so it most likely works.",
  };
}

async function versionOf(path: string, env: Record<string, string>): Promise<string | null> {
  try {
    const { stdout } = await exec(path, ["--version"], { env, timeoutMs: 10_000 });
    return /\d+\.\d+[^\s]*/.exec(stdout)?.[0] ?? null;
  } catch {
    return null; // Unknown, which is reported.
  }
}

function permissionFindings({ permissions }: AcpOptions): AgentFinding[] {
  if (permissions !== "skip" && permissions !== "auto") return [];
  return [
    {
      level: "warning",
      text: `permissions: ${permissions} — every request of this agent is allowed without a question`,
    },
  ];
}
