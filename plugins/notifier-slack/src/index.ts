import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginModule } from "@agent-orchestrator/core/slots/common";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { hookNotifier } from "./hook.ts";
import { manifest } from "./manifest.ts";
import { parseOptions } from "./options.ts";
import { slackNotifier } from "./slack.ts";

export const create: PluginModule<Notifier>["create"] = (config, context) => {
  const options = parseOptions(config);
  if (context === undefined) throw new AoError("CONFIG", "notifier `slack` runs only inside ao");
  return options.kind === "hook" ? hookNotifier(options, context) : slackNotifier(options, context);
};

export { manifest };

export default { manifest, create } satisfies PluginModule<Notifier>;
