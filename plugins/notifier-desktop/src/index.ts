import type { PluginContext, PluginModule } from "@agent-orchestrator/core/slots/common";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { desktopNotifier } from "./desktop.ts";
import { manifest } from "./manifest.ts";

export function create(config: Record<string, unknown> = {}, context?: PluginContext): Notifier {
  return desktopNotifier(config, context);
}

export { manifest };

export default { manifest, create } satisfies PluginModule<Notifier>;
