import { examineProgram, locate } from "@agent-orchestrator/agent-kit/examine";
import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import type { AiderOptions } from "../options.ts";

/** The version from whose source this plugin was written. It was never run with the program itself. */
const READ_VERSION = "0.86";

/** Throws UNAVAILABLE if the program is certainly missing. */
export const locateAider = ({ command }: AiderOptions, env: Readonly<Record<string, string>>): string =>
  locate({ command, env, install: "python -m pip install aider-install && aider-install" });

/** What `ao doctor` says about aider. */
export async function examine(options: AiderOptions, env: Record<string, string>): Promise<AgentFinding[]> {
  const { findings } = await examineProgram({
    title: "aider",
    locate: () => locateAider(options, env),
    env,
    tried: [READ_VERSION],
    note: "its prompts and files are read as its source of that release writes them",
    hint: "This plugin was written from the source of that release. If its prompts have changed since, ao may misread what aider does.",
  });
  const { permissions } = options;
  if (permissions !== "auto" && permissions !== "skip") return findings;
  const text = `aider runs with --yes-always (permissions: ${permissions}): it asks nothing, and still runs no shell command`;
  return [...findings, { level: "warning", text }];
}
