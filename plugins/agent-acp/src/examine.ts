import { examineProgram, failed, locate } from "@agent-orchestrator/agent-kit/examine";
import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import { type AcpOptions, commandOf } from "./options.ts";

/** The programs and versions that this plugin was tested with. */
const TRIED: Readonly<Record<string, readonly string[]>> = { opencode: ["1.18.33"] };

/** Throws UNAVAILABLE if the program is certainly missing. */
export const locateAgent = (options: AcpOptions, env: Record<string, string>): string =>
  locate({ command: commandOf(options)[0] ?? "", env });

/** For `ao doctor`: whether the program is installed, its version, and what it may do. */
export async function examine(options: AcpOptions, env: Record<string, string>): Promise<AgentFinding[]> {
  const title = (commandOf(options)[0] ?? "").split("/").at(-1) ?? "";
  const tried = TRIED[title];
  const look = () => locateAgent(options, env);
  const hint = "Its protocol has its own versions, so it most likely works.";
  const findings =
    tried === undefined
      ? [untried(title, look)]
      : (await examineProgram({ title, locate: look, env, tried, hint })).findings;
  const { permissions } = options;
  if ((permissions !== "skip" && permissions !== "auto") || findings[0]?.level === "error") return findings;
  const text = `permissions: ${permissions} — every request of this agent is allowed without a question`;
  return [...findings, { level: "warning", text }];
}

function untried(title: string, look: () => string): AgentFinding {
  try {
    look();
  } catch (error) {
    return failed(error);
  }
  const text = `${title} is there; this plugin was not tried with it, only with what it should speak (ACP 1)`;
  return { level: "ok", text };
}
