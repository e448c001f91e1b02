import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { repoAt } from "@agent-orchestrator/testkit/temp-repo";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it, onTestFinished } from "vitest";
import { createConfigSource } from "./source.ts";
import { trustedSandbox } from "./testing/config-sandbox.ts";
import { type ConfigChange, watchConfig } from "./watch.ts";

async function watched(config: string) {
  const sandbox = trustedSandbox(config);
  const source = createConfigSource(sandbox.find(), sandbox.world());
  const seen: ConfigChange[] = [];
  const watch = await watchConfig(source, { clock: systemClock, onChange: (change) => seen.push(change) });
  onTestFinished(() => watch.close());
  const last = (what: string, is: (change: ConfigChange) => boolean) =>
    waitFor(() => seen.length > 0 && is(seen.at(-1) as ConfigChange), { what });
  return { sandbox, source, seen, last };
}

it("applies an edit, keeps the last valid config and the reason after a broken one, and applies the repaired one", async () => {
  const { sandbox, seen, last } = await watched("port: 3001\nprojects: { shop: {} }\n");
  sandbox.write("repo/agent-orchestrator.yaml", "port: 3002\nprojects: { shop: {} }\n");
  await last("the new port", ({ config }) => config?.port === 3002);
  sandbox.write("repo/agent-orchestrator.yaml", "prot: 3003\nprojects: { shop: {} }\n");
  await last("the error", ({ error }) => error !== null);
  expect(seen.at(-1)?.config?.port).toBe(3002);
  expect(seen.at(-1)?.error).toMatchObject({
    code: "CONFIG",
    message: expect.stringContaining("did you mean `port`?"),
  });
  sandbox.write("repo/agent-orchestrator.yaml", "port: 3004\nprojects: { shop: {} }\n");
  await last("the repaired one", ({ config, error }) => error === null && config?.port === 3004);
});

it("a file that is replaced by renaming, a local file that appears and disappears, and the user's settings are noticed", async () => {
  const { sandbox, last } = await watched("port: 3001\nprojects: { shop: {} }\n");
  renameSync(sandbox.write("next.yaml", "port: 3002\nprojects: { shop: {} }\n"), sandbox.configPath);
  await last("the replaced file", ({ config }) => config?.port === 3002);
  const local = sandbox.write("repo/agent-orchestrator.local.yaml", "port: 3003\n");
  await last("the local file", ({ config }) => config?.port === 3003);
  rmSync(local);
  await last("that it is gone", ({ config }) => config?.port === 3002);
  sandbox.write("home/config.yaml", "limits: { maxConcurrentSessions: 2 }\n");
  await last("the user's limit", ({ config }) => config?.limits.maxConcurrentSessions === 2);
});

it("a file that is emptied for a moment, as some editors do, is not taken for a config without projects", async () => {
  const { sandbox, seen, last } = await watched("port: 3001\nprojects: { shop: {} }\n");
  sandbox.write("repo/agent-orchestrator.yaml", "");
  await last("the error", ({ error }) => error !== null);
  expect(seen.at(-1)?.error?.message).toContain("the file is empty");
  expect(seen.at(-1)?.config?.projects.length).toBe(1);
});

it("applies the last of many quick edits", async () => {
  const { sandbox, last } = await watched("port: 3001\nprojects: { shop: {} }\n");
  for (let port = 4000; port <= 4050; port++) {
    sandbox.write("repo/agent-orchestrator.yaml", `port: ${port}\nprojects: { shop: {} }\n`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await last("the last edit", ({ config }) => config?.port === 4050);
});

it("keeps the last valid config if the file is removed", async () => {
  const { sandbox, seen, last } = await watched("port: 3001\nprojects: { shop: {} }\n");
  rmSync(sandbox.configPath);
  await last("the error", ({ error }) => error !== null);
  expect(seen.at(-1)).toMatchObject({ config: { port: 3001 }, error: { code: "CONFIG" } });
});

it("a command sees the current file with or without a watcher, and reads it only if it has changed", () => {
  const sandbox = trustedSandbox("port: 3001\nprojects: { shop: {} }\n");
  const source = createConfigSource(sandbox.find(), sandbox.world());
  const first = source.fresh();
  expect(source.fresh()).toBe(first);
  sandbox.write("repo/agent-orchestrator.yaml", "port: 3002\nprojects: { shop: {} }\n");
  expect(source.fresh().port).toBe(3002);
  sandbox.write("repo/agent-orchestrator.yaml", "port: [\n");
  expect(() => source.fresh()).toThrow("not YAML");
  expect(source.current()).toMatchObject({ config: { port: 3002 }, error: { code: "CONFIG" } });
});

it("a look at an unchanged config costs a stat, not a parse", () => {
  const sandbox = trustedSandbox("projects: { shop: {} }\n");
  const source = createConfigSource(sandbox.find(), sandbox.world());
  source.fresh();
  const before = process.cpuUsage();
  for (let i = 0; i < 1000; i++) source.fresh();
  expect(process.cpuUsage(before).user / 1000 / 1000).toBeLessThan(0.5);
});

it("trusting a config takes effect at the next look", () => {
  const sandbox = trustedSandbox("projects: { shop: {} }\n");
  sandbox.distrust();
  const source = createConfigSource(sandbox.find(), sandbox.world());
  expect(source.fresh().trust.isTrusted).toBe(false);
  sandbox.trust();
  // The same world asks for the pin again.
  expect(source.fresh().trust.isTrusted).toBe(true);
});

it("a project whose folder appears is usable without an edit", () => {
  const sandbox = trustedSandbox("projects: { shop: { path: ~/later } }\n");
  const source = createConfigSource(sandbox.find(), sandbox.world());
  expect([...source.fresh().brokenProjects.keys()]).toEqual(["shop"]);
  repoAt(join(sandbox.dir, "later"));
  expect(source.fresh().projects.map((project) => project.id)).toEqual(["shop"]);
});
