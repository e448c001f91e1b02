import { examineProgram, locate } from "@agent-orchestrator/agent-kit/examine";
import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import type { CodexOptions } from "./options.ts";
import { nativeOf } from "./program.ts";
import { examineSetup } from "./setup.ts";

/** Versions whose app server, dialogs and record were tested or recorded. */
const TRIED = ["0.169", "0.171"];

/** Throws UNAVAILABLE if the program is missing. */
export const locateCodex = ({ command, env: own }: CodexOptions, env: Record<string, string>): string =>
  locate({ command, env: { ...env, ...own }, install: "npm install -g @openai/codex" });

interface Examination {
  options: CodexOptions;
  env: Record<string, string>;
  repository: string | null;
}

/** For `ao doctor`: the program, its version, its set-up, and what the user allowed. */
export async function examine({ options, env: given, repository }: Examination): Promise<AgentFinding[]> {
  const env = { ...given, ...options.env };
  const { path, findings } = await examineProgram({
    title: "codex",
    locate: () => locateCodex(options, given),
    native: nativeOf,
    env,
    tried: TRIED,
    hint: "Its state comes from its own protocol, which rarely changes. A new kind of dialog may show as unknown.",
  });
  if (path === null) return findings;
  const text = "codex runs without sandbox and without questions: `permissions: skip`";
  const mode: AgentFinding[] = options.permissions === "skip" ? [{ level: "warning", text }] : [];
  return [...findings, ...examineSetup({ options, env, repository }), ...mode];
}
