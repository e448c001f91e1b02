import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { type FoundConfig, findConfig } from "../find.ts";
import type { ConfigWorld, InstanceConfig, Trusted } from "../instance.ts";
import type { Env } from "../interpolate.ts";
import { loadConfig } from "../load.ts";

/** For tests: a home, a repository with a config, and whether the user trusts it. */
export interface ConfigSandbox {
  dir: string;
  home: string;
  repo: string;
  configPath: string;
  env: Record<string, string>;
  write(file: string, text: string): string;
  world(env?: Env): ConfigWorld;
  find(): FoundConfig;
  load(options?: { env?: Env }): InstanceConfig;
  /** Like `ao trust` on the config as it is now. */
  trust(): void;
  distrust(): void;
}

export const TEST_DEFAULTS = {
  runtime: "tmux",
  fallbackRuntime: "process",
  workspace: "worktree",
  terminal: "web",
  agent: "claude-code",
  agentWithCommand: "command",
  forge: "github",
  local: "local",
  notifiers: ["desktop"],
  stagedTrackers: [],
};

export function configSandbox(config: string): ConfigSandbox {
  const dir = tempDir("ao-config");
  const repo = join(dir, "repo");
  const home = join(dir, "home");
  emptyRepository(repo);
  mkdirSync(home);
  let trusted: Trusted | null = null;
  const sandbox: ConfigSandbox = {
    dir,
    home,
    repo,
    configPath: join(repo, "agent-orchestrator.yaml"),
    env: {},
    write(file, text) {
      const path = join(dir, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    world: (env) => ({
      home,
      userHome: dir,
      env: env ?? sandbox.env,
      embedded: TEST_DEFAULTS,
      isBuiltin: () => false,
      trustedOf: () => trusted,
    }),
    find: () => findConfig({ cwd: repo, home, env: {}, ownerOf: () => null, ownerOfSession: () => null }),
    load: (options = {}) => loadConfig(sandbox.find(), sandbox.world(options.env)),
    trust() {
      trusted = sandbox.load().trust;
    },
    distrust() {
      trusted = null;
    },
  };
  sandbox.write("repo/agent-orchestrator.yaml", config);
  return sandbox;
}

/** Enough for git to accept it as a repository. A config is read without running git. */
function emptyRepository(path: string): void {
  for (const folder of ["objects", "refs/heads"]) mkdirSync(join(path, ".git", folder), { recursive: true });
  writeFileSync(join(path, ".git/HEAD"), "ref: refs/heads/main\n");
}

/** The same, trusted from the start. */
export function trustedSandbox(config: string): ConfigSandbox {
  const sandbox = configSandbox(config);
  sandbox.trust();
  return sandbox;
}
