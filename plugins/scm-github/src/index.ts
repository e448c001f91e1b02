import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginModule } from "@agent-orchestrator/core/slots/common";
import type { SCM } from "@agent-orchestrator/core/slots/scm";
import { createDesk } from "./desk.ts";
import { manifest } from "./manifest.ts";
import { parseOptions } from "./options.ts";
import { createScm } from "./scm.ts";

export const create: PluginModule<SCM>["create"] = (config, context) => {
  const options = parseOptions(config);
  if (context === undefined) throw new AoError("CONFIG", "scm `github` runs only inside ao");
  return createScm(createDesk(options, context));
};

export { ScmOptions as Options } from "./options.ts";

export { manifest };

export default { manifest, create } satisfies PluginModule<SCM>;
