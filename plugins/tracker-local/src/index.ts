import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginModule } from "@agent-orchestrator/core/slots/common";
import type { Tracker } from "@agent-orchestrator/core/slots/tracker";
import { checkedOptions } from "@agent-orchestrator/plugin-kit/option-problems";
import { z } from "zod";
import { manifest } from "./manifest.ts";
import { createTracker } from "./tracker.ts";

/** `closeOnMerge` is read by core, but it belongs to this plugin. */
export const Options = z.strictObject({ closeOnMerge: z.boolean().default(true) });

export const create: PluginModule<Tracker>["create"] = (config, context) => {
  checkedOptions(Options, config, { prefix: "tracker", page: "docs/slots/tracker.md" });
  if (context === undefined) throw new AoError("CONFIG", "tracker `local` runs only inside ao");
  return createTracker(context);
};

export { manifest };

export default { manifest, create } satisfies PluginModule<Tracker>;
