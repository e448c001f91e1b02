import type { PluginModule } from "@agent-orchestrator/core/slots/common";
import type { Workspace } from "@agent-orchestrator/core/slots/workspace";
import { checkoutWorkspace } from "@agent-orchestrator/plugin-kit/checkout/workspace";
import { clone } from "./clone.ts";

export const manifest = {
  name: "clone",
  slot: "workspace" as const,
  description: "a clone of the project's repository for each session, with config, hooks and refs of its own",
  version: "0.1.0",
};

export const create: PluginModule<Workspace>["create"] = (_config, context) => checkoutWorkspace(context, clone);

export default { manifest, create } satisfies PluginModule<Workspace>;
