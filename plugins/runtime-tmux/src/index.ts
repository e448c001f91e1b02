import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext, PluginManifest, PluginModule } from "@agent-orchestrator/core/slots/common";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import { TmuxOptions } from "./options.ts";
import { createTmuxRuntime } from "./runtime.ts";

export const manifest: PluginManifest = {
  name: "tmux",
  slot: "runtime",
  description: "runs agents in tmux sessions on a separate server",
  version: "0.1.0",
};

export function create(config: Record<string, unknown> = {}, context?: PluginContext): Runtime {
  if (context === undefined) throw new AoError("PLUGIN", "the tmux runtime needs a home: it cannot run by itself");
  return createTmuxRuntime(context, TmuxOptions.parse(config));
}

export default { manifest, create } satisfies PluginModule<Runtime>;
