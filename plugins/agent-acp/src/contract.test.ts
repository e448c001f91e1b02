import { startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { agentContract } from "@agent-orchestrator/testkit/contracts/agent";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { afterAll, beforeAll } from "vitest";
import { create } from "./index.ts";
import { buildPrograms } from "./testing/bench.ts";

let programs: { dir: string; remove(): void };
beforeAll(async () => {
  programs = await buildPrograms();
});
afterAll(() => programs.remove());

agentContract("acp", {
  create: () => create({ command: ["my-agent", "acp"] }, pluginContext({ programsDir: programs.dir })),
  handles: {
    alive: () => ({ pid: process.pid, startId: startIdOf(process.pid) }),
    gone: () => ({ pid: process.pid, startId: "another start" }),
  },
});
