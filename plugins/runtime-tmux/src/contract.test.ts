import { runtimeContract } from "@agent-orchestrator/testkit/contracts/runtime";
import { createTmuxRuntime } from "./runtime.ts";

runtimeContract("tmux", {
  create: (context) => createTmuxRuntime(context, { program: "tmux", graceMs: 500 }),
  capabilities: { hasTerminal: true, isLocal: true, canAttach: true, hasScreen: true },
});
