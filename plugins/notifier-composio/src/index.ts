import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginModule } from "@agent-orchestrator/core/slots/common";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { composioNotifier } from "./composio.ts";
import { manifest } from "./manifest.ts";
import { parseOptions } from "./options.ts";

export const create: PluginModule<Notifier>["create"] = (config, context) => {
  const options = parseOptions(config);
  if (context === undefined) throw new AoError("CONFIG", "notifier `composio` runs only inside ao");
  return composioNotifier(options, context);
};

export { manifest };

export default { manifest, create } satisfies PluginModule<Notifier>;
