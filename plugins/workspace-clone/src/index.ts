import type { PluginModule } from "@agent-orchestrator/core/slots/common";
import type { Workspace } from "@agent-orchestrator/core/slots/workspace";
import { checkoutWorkspace } from "@agent-orchestrator/plugin-kit/checkout/workspace";
import { clone } from "./clone.ts";
import { manifest } from "./manifest.ts";

export const create: PluginModule<Workspace>["create"] = (_config, context) => checkoutWorkspace(context, clone);

export { manifest };

export default { manifest, create } satisfies PluginModule<Workspace>;
