import { startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { agentContract } from "@agent-orchestrator/testkit/contracts/agent";
import { create } from "./index.ts";

agentContract("opencode", {
  create: () => create(),
  handles: {
    alive: () => ({ pid: process.pid, startId: startIdOf(process.pid) }),
    gone: () => ({ pid: process.pid, startId: "another start" }),
  },
});
