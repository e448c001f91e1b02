import type { PluginContext, PluginManifest, PluginModule } from "@agent-orchestrator/core/slots/common";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { desktopNotifier } from "./desktop.ts";

export const manifest: PluginManifest = {
  name: "desktop",
  slot: "notifier",
  description: "Desktop notifications",
  version: "0.1.0",
};

export function create(config: Record<string, unknown> = {}, context?: PluginContext): Notifier {
  return desktopNotifier(config, context);
}

export default { manifest, create } satisfies PluginModule<Notifier>;
