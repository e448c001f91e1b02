import { examineProgram, locate } from "@agent-orchestrator/agent-kit/examine";
import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import { loginFinding } from "./login.ts";
import type { OpenCodeOptions } from "./options.ts";

/** The releases from which events, answers and screens were recorded. */
export const TRIED = ["1.18"];

/** Throws UNAVAILABLE if the program is missing. */
export const locateOpenCode = ({ command, env: own }: OpenCodeOptions, env: Record<string, string>): string =>
  locate({ command, env: { ...env, ...own }, install: "npm install -g opencode-ai" });

/** What `ao doctor` says about OpenCode. */
export async function examine(options: OpenCodeOptions, environment: Record<string, string>): Promise<AgentFinding[]> {
  const env = { ...environment, ...options.env };
  const { path, findings } = await examineProgram({
    title: "OpenCode",
    locate: () => locateOpenCode(options, environment),
    env,
    tried: TRIED,
    hint: "Its server's answers are checked one by one. What ao does not know is ignored, and the screen is trusted less.",
  });
  if (path === null) return findings;
  const text = "permissions: skip, so OpenCode runs everything that its config does not deny";
  const mode: AgentFinding[] = options.permissions === "skip" ? [{ level: "warning", text }] : [];
  return [...findings, ...(await loginFinding(env)), ...mode];
}
