import { join } from "node:path";
import type { QueueLimits } from "@agent-orchestrator/core/decide/queue";
import type { World } from "@agent-orchestrator/core/engine/world";
import { projectKey } from "@agent-orchestrator/core/model/ids";
import type { Policy } from "@agent-orchestrator/core/model/policy";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { type FakeClock, fakeClock } from "../fake-clock.ts";
import { projectConfig } from "../plugin-context.ts";
import { aPolicy, routed } from "../records.ts";
import { type MemoryAgent, type MemoryAgentOptions, memoryAgent } from "./agent.ts";
import { createFaults, type Faults } from "./faults.ts";
import { type MemoryNotifier, memoryNotifier } from "./notifier.ts";
import { type MemoryRepository, memoryRepository } from "./repository.ts";
import { type MemoryRuntime, memoryRuntime } from "./runtime.ts";
import { type MemoryScm, type MemoryScmOptions, memoryScm } from "./scm.ts";
import { type MemoryTracker, memoryTracker } from "./tracker.ts";
import { type MemoryWorkspace, memoryWorkspace } from "./workspace.ts";

export interface MemoryPlugins {
  runtime: MemoryRuntime;
  agent: MemoryAgent;
  workspace: MemoryWorkspace;
  tracker: MemoryTracker;
  scm: MemoryScm;
  notifier: MemoryNotifier;
}

/** The world that an engine runs in, all in memory and controlled by the test. */
export interface MemoryWorld extends World, MemoryPlugins {
  clock: FakeClock;
  faults: Faults;
  repository: MemoryRepository;
  policyChanges: Partial<Policy>;
  maxSessions: number | null;
  /** Null if the config is gone. */
  config: ProjectConfig | null;
  /** Lines of the log, and rings of the bell. */
  readonly warnings: string[];
  readonly rung: string[];
  /** The same world as another daemon sees it, with a clock and plugins of the caller's choice. */
  seenBy(view: { clock: Clock; plugins: MemoryPlugins }): World;
}

export interface MemoryWorldOptions {
  home: string;
  clock?: FakeClock;
  policy?: Partial<Policy>;
  agent?: Partial<MemoryAgentOptions>;
  scm?: Partial<MemoryScmOptions>;
  maxSessions?: number;
}

export function memoryWorld(options: MemoryWorldOptions): MemoryWorld {
  const clock = options.clock ?? fakeClock();
  const faults = createFaults(clock);
  const repository = memoryRepository();
  const plugins: MemoryPlugins = {
    runtime: memoryRuntime({ clock, faults }),
    agent: memoryAgent({ clock, faults, ...options.agent }),
    workspace: memoryWorkspace({ repository, faults }),
    tracker: memoryTracker({ faults }),
    scm: memoryScm({ repository, clock, faults, ...options.scm }),
    notifier: memoryNotifier({ faults }),
  };
  const world: Omit<MemoryWorld, keyof World> = {
    ...plugins,
    faults,
    repository,
    policyChanges: { ...policyOf(plugins.agent), notify: routed("urgent", "action"), ...options.policy },
    maxSessions: options.maxSessions ?? null,
    config: projectConfig({ id: "my-app", path: join(options.home, "repo") }),
    warnings: [],
    rung: [],
    seenBy: (view) => worldOf(world, { ...view, home: options.home }),
  };
  return Object.assign(world, worldOf(world, { clock, plugins, home: options.home })) as MemoryWorld;
}

const policyOf = ({ lifetime = "interactive", receipts = "always", canResume = true }: MemoryAgent) => ({
  agent: { lifetime, receipts, canResume },
});

interface View {
  clock: Clock;
  plugins: MemoryPlugins;
  home: string;
}

let ids = 0;

function worldOf(world: Omit<MemoryWorld, keyof World>, { clock, plugins, home }: View): World {
  const line = (message: string) => void world.warnings.push(message);
  return {
    clock,
    home,
    log: { debug: () => undefined, warn: line },
    newId: () => `id${++ids}`,
    project: () => world.config,
    policy(record, state) {
      const isPaused = state.projects[projectKey(record.instanceId, record.projectId)]?.isPaused === true;
      return { ...aPolicy(world.policyChanges), isPaused: state.isPaused || isPaused };
    },
    plugins: () => ({
      runtime: () => Promise.resolve(plugins.runtime),
      agent: () => Promise.resolve(plugins.agent),
      workspace: () => Promise.resolve(plugins.workspace),
      tracker: () => Promise.resolve(plugins.tracker),
      scm: () => Promise.resolve(plugins.scm),
    }),
    paths: ({ id }) => ({
      worktree: join(home, "worktrees", id),
      sessionDir: join(home, "private", id),
      preserved: join(home, "preserved", id),
    }),
    agentConfig: () => ({}),
    environment: () => Promise.resolve({ PATH: "/usr/bin" }),
    limits: (): QueueLimits => ({ max: world.maxSessions, perInstance: {}, perProject: {} }),
    channel: () => Promise.resolve(plugins.notifier),
    ring: (text) => world.rung.push(text),
  };
}
