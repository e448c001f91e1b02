import { checkoutWorkspace } from "@agent-orchestrator/plugin-kit/checkout/workspace";
import { workspaceContract } from "@agent-orchestrator/testkit/contracts/workspace";
import { clone } from "./clone.ts";

workspaceContract("clone", {
  create: (context) => checkoutWorkspace(context, clone),
  lacks: { sharedRefs: "a clone has its own refs" },
  states: 4,
});
