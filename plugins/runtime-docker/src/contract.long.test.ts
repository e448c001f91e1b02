import { tmpdir } from "node:os";
import { runtimeContract } from "@agent-orchestrator/testkit/contracts/runtime";
import { startDockerd, type TestEngine, whyNoDockerd } from "@agent-orchestrator/testkit/dockerd";
import { afterAll, beforeAll, describe } from "vitest";
import { create } from "./index.ts";
import { buildHelpers } from "./testing/bench.ts";

const why = whyNoDockerd();

describe.skipIf(why !== null)(`with a real Docker engine${why === null ? "" : ` (skipped: ${why})`}`, () => {
  let engine: TestEngine;
  let helpers: { dir: string; remove(): void };
  beforeAll(async () => {
    [engine, helpers] = await Promise.all([startDockerd(), buildHelpers()]);
  }, 120_000);
  afterAll(async () => {
    helpers.remove();
    await engine.remove();
  }, 120_000);

  runtimeContract("docker", {
    create: (context) =>
      // Its tests put what their programs write into folders of their own.
      create({ ...engine.options, mounts: [...engine.options.mounts, { source: tmpdir(), readOnly: false }] }, context),
    context: () => ({ programsDir: helpers.dir }),
    capabilities: { hasTerminal: true, isLocal: true, canAttach: true, hasScreen: false },
  });
});
