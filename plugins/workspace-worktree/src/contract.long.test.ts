import { checkoutWorkspace } from "@agent-orchestrator/plugin-kit/checkout/workspace";
import { workspaceContract } from "@agent-orchestrator/testkit/contracts/workspace";
import { worktree } from "./worktree.ts";

workspaceContract("worktree", { create: (context) => checkoutWorkspace(context, worktree), lacks: {}, states: 8 });
