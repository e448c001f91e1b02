import { memoryWorld } from "@agent-orchestrator/testkit/memory/world";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { agentTerminal } from "../act/agent-terminal.ts";
import { createLookPace, LEAST_GAP_MS } from "../host/look-pace.ts";
import type { ToldFact } from "../model/fact.ts";
import { watchLaunch } from "./launch-watch.ts";

test("a HEAD that keeps moving is reported in steps, and its last move always", async () => {
  const world = memoryWorld({ home: tempDir("ao-launch-watch") });
  const { runtime, agent, log, workspace, clock } = world;
  const path = "/tree/app-1";
  const told: ToldFact[] = [];
  const handle = { id: "app-1", runtimeName: "memory", data: {} };
  const watching = await watchLaunch({
    session: { ...pluginSession(), workspacePath: path },
    handle,
    headSha: null,
    pace: createLookPace(clock),
    runtime: { ...runtime, watch: async () => ({ stop: async () => undefined }) },
    agent,
    terminal: agentTerminal(runtime, handle),
    workspace,
    log,
    clock,
    stuckAfterMs: 600_000,
    readyThresholdMs: () => 300_000,
    tell: (facts) => void told.push(...facts.filter(({ kind }) => kind === "repository-changed")),
  });
  await clock.pass(1);
  workspace.move(path);
  expect(told).toHaveLength(1);
  for (let n = 0; n < 20; n++) {
    await clock.pass(500);
    workspace.move(path);
  }
  const during = told.length;
  expect(during).toBeLessThanOrEqual(6);
  await clock.pass(LEAST_GAP_MS);
  expect(told).toHaveLength(during + 1);
  await clock.pass(60_000);
  expect(told).toHaveLength(during + 1);
  await watching.stop();
  workspace.move(path);
  expect(told).toHaveLength(during + 1);
});
