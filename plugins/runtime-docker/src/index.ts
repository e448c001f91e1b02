import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext, PluginModule } from "@agent-orchestrator/core/slots/common";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import { manifest } from "./manifest.ts";
import { parseOptions } from "./options.ts";
import { dockerRuntime } from "./runtime.ts";

export function create(config: Record<string, unknown> = {}, context?: PluginContext): Runtime {
  if (context !== undefined) return dockerRuntime(parseOptions(config), context);
  throw new AoError("PLUGIN", "the runtime `docker` needs the folders that core passes to a plugin");
}

export { manifest };

export default { manifest, create } satisfies PluginModule<Runtime>;
