import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginModule } from "@agent-orchestrator/core/slots/common";
import type { Tracker } from "@agent-orchestrator/core/slots/tracker";
import { createDesk } from "./desk.ts";
import { manifest } from "./manifest.ts";
import { parseOptions } from "./options.ts";
import { createTracker } from "./tracker.ts";

export const create: PluginModule<Tracker>["create"] = (config, context) => {
  const options = parseOptions(config);
  if (context === undefined) throw new AoError("CONFIG", "tracker `linear` runs only inside ao");
  return createTracker(createDesk(options, context));
};

export { manifest };

export default { manifest, create } satisfies PluginModule<Tracker>;
