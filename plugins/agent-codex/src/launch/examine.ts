import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { examineProgram, locate } from "@agent-orchestrator/agent-kit/examine";
import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import { isExecutable } from "@agent-orchestrator/plugin-kit/program";
import type { CodexOptions } from "../options.ts";
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

/** The native program in the npm package that its Node wrapper starts, by platform. */
const TARGETS: Readonly<Record<string, { pkg: string; triple: string }>> = {
  "linux-x64": { pkg: "codex-linux-x64", triple: "x86_64-unknown-linux-musl" },
  "linux-arm64": { pkg: "codex-linux-arm64", triple: "aarch64-unknown-linux-musl" },
  "darwin-x64": { pkg: "codex-darwin-x64", triple: "x86_64-apple-darwin" },
  "darwin-arm64": { pkg: "codex-darwin-arm64", triple: "aarch64-apple-darwin" },
};

/**
 * The native program behind npm's Node wrapper, if it is one. On older Nodes the wrapper stays as a second process, and we would
 * judge the wrapper. Anything unknown is started directly.
 */
export function nativeOf(program: string, platform = `${process.platform}-${process.arch}`): string {
  const target = TARGETS[platform];
  if (target === undefined) return program;
  let wrapper: string;
  try {
    wrapper = realpathSync(program);
  } catch {
    return program; // Gone by now. Its start will say so.
  }
  if (basename(wrapper) !== "codex.js") return program;
  const packageRoot = dirname(dirname(wrapper));
  const roots = [join(dirname(packageRoot), target.pkg), join(packageRoot, "node_modules/@openai", target.pkg)];
  const natives = [...roots, packageRoot].map((root) => join(root, "vendor", target.triple, "bin/codex"));
  return natives.find(isExecutable) ?? program;
}
