import { systemClock } from "@agent-orchestrator/core/host/clock";
import type { Slot } from "@agent-orchestrator/core/slots/common";
import { expect, it } from "vitest";
import { BUILTIN, EMBEDDED_DEFAULTS, PLANNED } from "./builtin.ts";
import { createRegistry } from "./registry/registry.ts";
import { registrySandbox } from "./registry/testing/registry-sandbox.ts";

it("every built-in plugin loads, fits its slot and has the name it is listed under", async () => {
  const sandbox = registrySandbox("projects: { shop: {} }");
  const world = { builtin: BUILTIN, planned: PLANNED, version: "0.1.0", clock: systemClock, envOf: () => ({}) };
  const listed = await createRegistry(world).list(sandbox.load());
  expect(listed.map(({ error }) => error?.message ?? null).filter((message) => message !== null)).toEqual([]);
  const expected = Object.entries(BUILTIN).flatMap(([slot, plugins]) =>
    Object.keys(plugins).map((name) => `${slot} ${name}`),
  );
  expect(listed.map(({ slot, name }) => `${slot} ${name}`)).toEqual(expected);
  const manifests = Object.values(BUILTIN).flatMap((plugins) => Object.values(plugins).map(({ manifest }) => manifest));
  expect(listed.map(({ loaded }) => loaded?.manifest)).toEqual(manifests);
});

it("every name is either built in or planned for a later release, and the defaults are built in", () => {
  const known = (slot: Slot) => [...Object.keys(BUILTIN[slot]), ...PLANNED[slot]];
  for (const slot of Object.keys(BUILTIN) as Slot[]) expect(new Set(known(slot)).size).toBe(known(slot).length);
  const { runtime, agent, agentWithCommand, workspace, terminal, forge, local, notifiers } = EMBEDDED_DEFAULTS;
  expect(known("runtime")).toContain(runtime);
  expect(known("agent")).toEqual(expect.arrayContaining([agent, agentWithCommand]));
  expect(known("workspace")).toContain(workspace);
  expect(known("terminal")).toContain(terminal);
  expect(known("tracker")).toEqual(expect.arrayContaining([forge, local]));
  expect(known("scm")).toEqual(expect.arrayContaining([forge, local]));
  expect(known("notifier")).toEqual(expect.arrayContaining(notifiers));
});
