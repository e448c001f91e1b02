import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext, PluginModule } from "@agent-orchestrator/core/slots/common";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import { manifest } from "./manifest.ts";
import { TmuxOptions } from "./options.ts";
import { createTmuxRuntime } from "./runtime.ts";

export function create(config: Record<string, unknown> = {}, context?: PluginContext): Runtime {
  if (context === undefined) throw new AoError("PLUGIN", "the tmux runtime needs a home: it cannot run by itself");
  return createTmuxRuntime(context, TmuxOptions.parse(config));
}

export { manifest };

export default { manifest, create } satisfies PluginModule<Runtime>;
