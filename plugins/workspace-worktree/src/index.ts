import type { PluginModule } from "@agent-orchestrator/core/slots/common";
import type { Workspace } from "@agent-orchestrator/core/slots/workspace";
import { checkoutWorkspace } from "@agent-orchestrator/plugin-kit/checkout/workspace";
import { manifest } from "./manifest.ts";
import { worktree } from "./worktree.ts";

export const create: PluginModule<Workspace>["create"] = (_config, context) => checkoutWorkspace(context, worktree);

export { manifest };

export default { manifest, create } satisfies PluginModule<Workspace>;
