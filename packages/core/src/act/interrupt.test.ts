import { type MemoryWorld, memoryWorld } from "@agent-orchestrator/testkit/memory/world";
import { aRecord } from "@agent-orchestrator/testkit/records";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { beforeEach, expect, test } from "vitest";
import type { Interrupt } from "../model/action.ts";
import { toIso } from "../model/time.ts";
import type { ActCall } from "./call.ts";
import { interrupt } from "./interrupt.ts";

let world: MemoryWorld;
beforeEach(() => {
  world = memoryWorld({ home: tempDir("ao-interrupt") });
});

/** An agent with a helper of its own, which is an hour old, and a tool that has just begun. */
async function running(): Promise<ActCall> {
  const config = { sessionId: "app-1", workspacePath: "/w", launchCommand: "", environment: {}, intentId: "i" };
  const handle = await world.runtime.create(config);
  const child = (pid: number, command: string, ageMs: number) => ({
    ...{ pid, parent: 1, command },
    startId: `boot:${pid}`,
    startedAt: toIso(world.clock.now() - ageMs),
  });
  world.runtime.of("app-1")?.children.push(child(8, "mcp-server", 3_600_000), child(9, "sleep 600", 1_000));
  const at = toIso(world.clock.now());
  const launch = {
    ...{ number: 1, mode: "first" as const, messageId: null, requestedAt: at, startedAt: at, handle: { ...handle } },
    ...{ pid: 1, startId: null, isReady: true, exit: null },
  };
  const record = aRecord({ launch: { last: launch }, turnStartedAt: at });
  if (world.config === null) throw new Error("the world has no config");
  return {
    ...{ record, project: world.config, plugins: world.plugins(record), paths: world.paths(record) },
    ...{ clock: world.clock, log: world.log, signal: new AbortController().signal },
    tell: () => undefined,
    agentConfig: () => ({}),
    formerAgent: () => null,
    environment: () => world.environment(record),
  };
}

const began = (): string => toIso(world.clock.now() - 2_000);
const sleeps = { pid: 9, startId: "boot:9", parent: 1, command: "sleep 600" };

/** Lets the time pass in which an agent may end its tools. */
async function done(call: ActCall, action: Omit<Interrupt, "kind" | "key">) {
  const result = interrupt(call, action);
  const waited = result.catch(() => undefined);
  for (let step = 0; step < 30; step++) await world.clock.pass(100);
  await waited;
  return result;
}
const left = () => world.runtime.of("app-1")?.children.map(({ command }) => command);

test("what the tool leaves running is reported, and nothing that was there before it", async () => {
  const call = await running();
  expect(await done(call, { began: began() })).toEqual([{ kind: "left-running", launch: 1, processes: [sleeps] }]);
  expect([world.agent.interrupted, left()]).toEqual([["app-1"], ["mcp-server", "sleep 600"]]);
});

test("an agent that ends its tool leaves nothing", async () => {
  const call = await running();
  const result = done(call, { began: began() });
  await world.clock.pass(500);
  world.runtime.of("app-1")?.children.pop();
  expect(await result).toEqual([{ kind: "left-running", launch: 1, processes: [] }]);
});

test("with `kills`, only that is ended", async () => {
  const call = await running();
  expect(await done(call, { began: began(), kills: true })).toEqual([
    { kind: "left-running", launch: 1, processes: [] },
  ]);
  expect(left()).toEqual(["mcp-server"]);
});

test("what an earlier turn left is ended without an interrupt of an idle agent", async () => {
  const call = await running();
  await done(call, { began: null, left: [sleeps], kills: true });
  expect([world.agent.interrupted, left()]).toEqual([[], ["mcp-server"]]);
});

test("an interrupt does not fail because the processes cannot be listed, unless they are to be ended", async () => {
  const call = await running();
  world.faults.always("runtime.listProcesses", "fail");
  expect(await done(call, { began: began() })).toEqual([]);
  await expect(done(call, { began: began(), kills: true })).rejects.toMatchObject({ code: "UNREACHABLE" });
  expect([world.agent.interrupted, left()]).toEqual([
    ["app-1", "app-1"],
    ["mcp-server", "sleep 600"],
  ]);
});
