import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isExecutable } from "@agent-orchestrator/plugin-kit/program";

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
