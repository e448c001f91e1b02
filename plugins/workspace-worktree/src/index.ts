import type { PluginModule } from "@agent-orchestrator/core/slots/common";
import type { Workspace } from "@agent-orchestrator/core/slots/workspace";
import { checkoutWorkspace } from "@agent-orchestrator/plugin-kit/checkout/workspace";
import { worktree } from "./worktree.ts";

export const manifest = {
  name: "worktree",
  slot: "workspace" as const,
  description: "a git worktree of the project's repository for each session",
  version: "0.1.0",
};

export const create: PluginModule<Workspace>["create"] = (_config, context) => checkoutWorkspace(context, worktree);

export default { manifest, create } satisfies PluginModule<Workspace>;
