import { join } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { ProjectConfig } from "@agent-orchestrator/core/types";
import { tempDir } from "./temp-dir.ts";

/** What core would pass to a plugin, with folders that are removed when the test ends. */
export function pluginContext(overrides: Partial<PluginContext> = {}): PluginContext {
  const home = overrides.home ?? tempDir("ao-home");
  return {
    home,
    stateDir: join(home, "plugin"),
    socketDir: home,
    clock: systemClock,
    log: { debug: () => undefined, warn: () => undefined },
    env: () => ({ PATH: process.env.PATH ?? "/usr/bin:/bin", HOME: home, LANG: "C.UTF-8" }),
    wake: () => undefined,
    ...overrides,
  };
}

export function projectConfig(overrides: Partial<ProjectConfig> = {}): ProjectConfig {
  const choice = (plugin: string) => ({ plugin, options: {} });
  return {
    id: "app",
    instanceId: "0123456789ab",
    name: "app",
    repo: null,
    path: "/nowhere",
    defaultBranch: "main",
    sessionPrefix: "app",
    runtime: choice("process"),
    agent: choice("command"),
    agents: {},
    workspace: choice("worktree"),
    tracker: choice("local"),
    scm: choice("local"),
    terminal: choice("command"),
    agentConfig: {},
    agentRules: null,
    agentRulesFile: null,
    symlinks: [],
    copy: [],
    postCreate: [],
    postCreateTimeoutMs: 60_000,
    preDestroy: [],
    ports: 0,
    cwd: null,
    sparse: [],
    worktreeDir: null,
    branch: null,
    mergeMethod: null,
    ...overrides,
  };
}
