import { systemClock } from "@agent-orchestrator/core/host/clock";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { BuiltinTable } from "../../builtin.ts";
import { type ConfigSandbox, configSandbox } from "../../config/testing/config-sandbox.ts";
import { createRegistry, type Registry } from "../registry.ts";

/** For tests: one built-in plugin, and two names of later releases. */
const notifier = {
  manifest: { name: "desktop", slot: "notifier" as const, description: "Built in", version: "0.1.0" },
  create: () => ({ notify: async () => undefined }),
};
const BUILTIN: BuiltinTable = {
  runtime: {},
  agent: {},
  workspace: {},
  tracker: {},
  scm: {},
  terminal: {},
  notifier: { desktop: { manifest: notifier.manifest, load: async () => notifier } },
};
const none = { runtime: [], agent: [], workspace: [], tracker: [], scm: [], terminal: [], notifier: [] };

export interface RegistrySandbox extends ConfigSandbox {
  registry: Registry;
  /** Loads from the config as it is now, trusted. */
  plugin(slot: Parameters<Registry["load"]>[0], name: string): ReturnType<Registry["load"]>;
}

export function registrySandbox(config: string, files: Record<string, string> = {}): RegistrySandbox {
  const sandbox = configSandbox(config);
  Object.assign(sandbox.env, { HOME: sandbox.dir, PLUGIN_DIR: "plugins" });
  for (const [file, text] of Object.entries(files)) sandbox.write(`repo/${file}`, text);
  const registry = createRegistry({
    builtin: BUILTIN,
    planned: { ...none, agent: ["claude-code"], notifier: ["slack"] },
    version: "0.1.0",
    clock: systemClock,
    envOf: () => sandbox.env,
  });
  return {
    ...sandbox,
    registry,
    async plugin(slot, name) {
      sandbox.trust();
      return await registry.load(slot, name, sandbox.load());
    },
  };
}

export const TEST_CONTEXT: PluginContext = {
  home: "/nonexistent",
  stateDir: "/nonexistent",
  socketDir: "/nonexistent",
  clock: systemClock,
  log: { debug: () => undefined, warn: () => undefined },
  env: () => ({}),
  wake: () => undefined,
};
