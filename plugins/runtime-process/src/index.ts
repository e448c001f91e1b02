import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext, PluginManifest, PluginModule } from "@agent-orchestrator/core/slots/common";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import { parseOptions } from "./options.ts";
import { processRuntime } from "./runtime.ts";

export { runnerPath } from "./helper-path.ts";

export const manifest: PluginManifest = {
  name: "process",
  slot: "runtime",
  description: "Agents as plain processes under a small runner, without tmux",
  version: "0.1.0",
};

export function create(config: Record<string, unknown> = {}, context?: PluginContext): Runtime {
  if (context !== undefined) return processRuntime(parseOptions(config), context);
  throw new AoError("PLUGIN", "the runtime `process` needs the folders that core passes to a plugin");
}

export default { manifest, create } satisfies PluginModule<Runtime>;
