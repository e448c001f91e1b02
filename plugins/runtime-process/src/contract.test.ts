import { runtimeContract } from "@agent-orchestrator/testkit/contracts/runtime";
import { afterAll, beforeAll, describe } from "vitest";
import { create } from "./index.ts";
import { buildHelpers } from "./testing/bench.ts";

let helpers: { dir: string; remove(): void };
beforeAll(async () => {
  helpers = await buildHelpers();
});
afterAll(() => helpers.remove());

describe.each(["auto", "pipe"])("terminal: %s", (terminal) => {
  runtimeContract(`process (${terminal})`, {
    create: (context) => create({ graceMs: 500, terminal }, context),
    context: () => ({ programsDir: helpers.dir }),
    capabilities: { hasTerminal: terminal === "auto", isLocal: true, canAttach: true, hasScreen: false },
  });
});
