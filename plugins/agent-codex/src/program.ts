import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { isExecutable } from "@agent-orchestrator/plugin-kit/program";

/** Of the npm package, by platform: the native program that its Node wrapper starts. */
const TARGETS: Readonly<Record<string, { pkg: string; triple: string }>> = {
  "linux-x64": { pkg: "codex-linux-x64", triple: "x86_64-unknown-linux-musl" },
  "linux-arm64": { pkg: "codex-linux-arm64", triple: "aarch64-unknown-linux-musl" },
  "darwin-x64": { pkg: "codex-darwin-x64", triple: "x86_64-apple-darwin" },
  "darwin-arm64": { pkg: "codex-darwin-arm64", triple: "aarch64-apple-darwin" },
};

/**
 * The native program behind npm's Node wrapper, where it is one: the wrapper stays as a second process for each program on older
 * Nodes, and the process that we judge would be the wrapper. Anything unknown is started as it is.
 */
export function nativeOf(program: string, platform = `${process.platform}-${process.arch}`): string {
  const target = TARGETS[platform];
  if (target === undefined) return program;
  let wrapper: string;
  try {
    wrapper = realpathSync(program);
  } catch {
    return program; // Gone meanwhile: its start will say so.
  }
  if (basename(wrapper) !== "codex.js") return program;
  const packageRoot = dirname(dirname(wrapper));
  const roots = [join(dirname(packageRoot), target.pkg), join(packageRoot, "node_modules/@openai", target.pkg)];
  const natives = [...roots, packageRoot].map((root) => join(root, "vendor", target.triple, "bin/codex"));
  return natives.find(isExecutable) ?? program;
}

export function missing(command: string): AoError {
  return new AoError("UNAVAILABLE", `the program of the agent \`codex\` is not there: ${command}`, {
    hint: "Install it (`npm install -g @openai/codex`), or name it in `agentConfig: {command: …}`.",
  });
}
