import { userInfo } from "node:os";
import { join } from "node:path";
import { toPluginSession } from "@agent-orchestrator/core/act/plugin-session";
import type { QueueLimits } from "@agent-orchestrator/core/decide/queue";
import type { World } from "@agent-orchestrator/core/engine/world";
import { newId } from "@agent-orchestrator/core/host/ids";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { projectKey } from "@agent-orchestrator/core/model/ids";
import type { DecideContext, Policy } from "@agent-orchestrator/core/model/policy";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { State } from "@agent-orchestrator/core/model/state";
import type { Priority } from "@agent-orchestrator/core/model/status";
import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import type { SessionPlugins } from "@agent-orchestrator/core/slots/session-plugins";
import type { Layout, ProjectLayout } from "@agent-orchestrator/core/store/layout";
import type { InstanceConfig } from "./config/instance.ts";
import type { Environments } from "./environments.ts";
import type { PluginCache, PluginOverrides } from "./plugin-cache.ts";

export interface DaemonWorld extends World {
  projectPlugins(project: ProjectConfig, overrides?: PluginOverrides): SessionPlugins;
  /** The agent a session will use: `--agent`, else the project's; with its options. */
  chooseAgent(project: ProjectConfig, wanted: string | undefined): { name: string; options: Record<string, unknown> };
  pluginSession(record: SessionRecord): Session;
  decideContext(record: SessionRecord): DecideContext;
  userName(): string;
  /** The session in whose checkout this folder lies. */
  sessionAt(path: string): string | null;
  /** Called with every ring, until the returned function is called. */
  addWatcher(ring: (text: string) => void): () => void;
  watcherCount(): number;
  /** Loads what decisions about these sessions need to know of their agents. */
  prepare(records: readonly SessionRecord[]): Promise<void>;
}

interface WorldDeps {
  clock: Clock;
  log: Log;
  home: string;
  layout: Layout;
  plugins: PluginCache;
  environments: Environments;
  instance(id: string): InstanceConfig | null;
  state(): State;
}

const FALLBACK_LIMIT = 10;

/** The engine's view of configs, plugins, folders and environments. */
export function createWorld(deps: WorldDeps): DaemonWorld {
  const watchers = new Set<(text: string) => void>();
  const traits = createAgentTraits(deps);

  const projectOf = (record: Pick<SessionRecord, "instanceId" | "projectId">): ProjectConfig | null =>
    deps.instance(record.instanceId)?.projects.find(({ id }) => id === record.projectId) ?? null;

  const projectPlugins = (project: ProjectConfig, overrides?: PluginOverrides): SessionPlugins => {
    const instance = deps.instance(project.instanceId);
    if (instance === null) throw new AoError("CONFIG", `the config of ${project.id} is gone`);
    return deps.plugins.project(instance, project, overrides);
  };

  const plugins = (record: SessionRecord): SessionPlugins => {
    const project = projectOf(record);
    if (project === null) throw new AoError("CONFIG", `the config of ${record.projectId} is missing or broken`);
    return projectPlugins(project, {
      agent: record.agent,
      agentOptions: record.agentOptions,
      runtime: record.runtime,
      workspace: record.workspace,
    });
  };

  const paths: World["paths"] = (record) => ({
    ...foldersOf(deps.layout.project(record.instanceId, record.projectId), record),
    ...outside(projectOf(record)?.worktreeDir ?? null, record),
  });

  const policy = (record: SessionRecord, state: State): Policy => {
    const input = deps.instance(record.instanceId)?.policies.get(record.projectId) ?? DEFAULT_POLICY;
    const key = projectKey(record.instanceId, record.projectId);
    return {
      ...input,
      canMergePinned: true,
      agent: traits.of(record, async () => plugins(record).agent()),
      isPaused: state.isPaused || (state.projects[key]?.isPaused ?? false),
    };
  };

  return {
    clock: deps.clock,
    log: deps.log,
    home: deps.home,
    newId,
    project: projectOf,
    policy,
    plugins,
    projectPlugins,
    paths,
    environment: (record) =>
      deps.environments.forSession(record, { promptFile: `${paths(record).sessionDir}/prompt.md` }),
    limits: (state) => limitsOf(deps, state),
    channels: (record, priority) => channelsOf(deps, record, priority as Priority),
    ring(text) {
      for (const ring of watchers) ring(text);
      for (const runtime of deps.plugins.runtimes())
        ringAttached(runtime, { text, state: deps.state(), log: deps.log });
      return watchers.size;
    },
    chooseAgent: (project, wanted) => chooseAgent(project, wanted),
    pluginSession: (record) => toPluginSession(record, paths(record)),
    decideContext: (record) => ({ policy: policy(record, deps.state()), nowMs: deps.clock.now(), watchedSinceMs: 0 }),
    userName: () => userInfo().username,
    sessionAt: (path) => sessionAt(deps.state(), path),
    addWatcher(ring) {
      watchers.add(ring);
      return () => watchers.delete(ring);
    },
    watcherCount: () => watchers.size,
    async prepare(records) {
      const living = records.filter(({ isArchived }) => !isArchived);
      await Promise.all(living.map((record) => traits.load(record, async () => plugins(record).agent())));
    },
  };
}

function chooseAgent(project: ProjectConfig, wanted: string | undefined) {
  const isOwn = wanted === undefined || wanted === project.agent.plugin;
  return {
    name: wanted ?? project.agent.plugin,
    options: isOwn ? { ...project.agent.options, ...project.agentConfig } : {},
  };
}

type Place = Pick<SessionRecord, "id" | "instanceId" | "createdAt">;

const foldersOf = (folder: ProjectLayout, { id }: Place) => ({
  worktree: folder.worktree(id),
  sessionDir: folder.sessionDir(id),
  preserved: join(folder.preserved, id),
});

/** `worktreeDir` of the config: checkouts of several instances may lie in one folder, so the instance is in the name. */
const outside = (worktreeDir: string | null, { id, instanceId }: Place) =>
  worktreeDir === null ? {} : { worktree: join(worktreeDir, `${instanceId}-${id}`) };

/** Limits of the instances that have sessions now; each one's is already the smaller of the user's and its own. */
function limitsOf(deps: WorldDeps, state: State): QueueLimits {
  const ids = new Set(Object.values(state.sessions).map(({ instanceId }) => instanceId));
  const perInstance = [...ids].map((id) => [id, deps.instance(id)?.limits.maxConcurrentSessions ?? FALLBACK_LIMIT]);
  return { max: null, perInstance: Object.fromEntries(perInstance) };
}

function channelsOf(deps: WorldDeps, record: SessionRecord, priority: Priority): ReturnType<World["channels"]> {
  const instance = deps.instance(record.instanceId);
  if (instance === null) return [];
  return instance.routing[priority].map((name) => ({
    name,
    notifier: async () => {
      const choice = instance.notifiers[name];
      if (choice === undefined) throw new AoError("CONFIG", `no notifier ${name}`);
      return deps.plugins.notifier(instance, choice);
    },
  }));
}

interface Ring {
  text: string;
  state: State;
  log: Log;
}

function ringAttached(runtime: Promise<unknown>, { text, state, log }: Ring): void {
  const ringAll = async () => {
    const { ring } = (await runtime) as Runtime;
    if (ring === undefined) return;
    for (const record of Object.values(state.sessions)) {
      const launch = record.launch;
      if (launch === null || launch.handle === null || launch.exit !== null) continue;
      await ring(launch.handle, text);
    }
  };
  ringAll().catch((error: unknown) => log.debug(`ring: ${String(error)}`));
}

function sessionAt(state: State, path: string): string | null {
  const inside = (root: string) => path === root || path.startsWith(`${root}/`);
  for (const record of Object.values(state.sessions)) {
    if (record.workspacePath !== null && !record.isArchived && inside(record.workspacePath)) return record.id;
  }
  return null;
}

/** What decisions need to know of an agent plugin, before it is loaded: the most careful answer, then its own. */
function createAgentTraits(deps: WorldDeps) {
  const known = new Map<string, Policy["agent"]>();
  const loading = new Map<string, Promise<void>>();
  const careful: Policy["agent"] = { lifetime: "interactive", receipts: "never", canResume: true };
  const keyOf = (record: SessionRecord) => `${record.agent} ${JSON.stringify(record.agentOptions)}`;

  function load(record: SessionRecord, agent: () => Promise<Agent>): Promise<void> {
    const key = keyOf(record);
    const running = loading.get(key);
    if (running !== undefined || known.has(key)) return running ?? Promise.resolve();
    const begun = agent()
      .then((loaded) => void known.set(key, traitsOf(loaded)))
      .catch((error: unknown) => deps.log.debug(`agent ${record.agent}: ${String(error)}`))
      .finally(() => loading.delete(key));
    loading.set(key, begun);
    return begun;
  }

  return {
    load,
    of(record: SessionRecord, agent: () => Promise<Agent>): Policy["agent"] {
      const traits = known.get(keyOf(record));
      if (traits === undefined) void load(record, agent);
      return traits ?? careful;
    },
  };
}

const traitsOf = (agent: Agent): Policy["agent"] => ({
  lifetime: agent.lifetime ?? "interactive",
  receipts: agent.receipts ?? "never",
  canResume: agent.canResume !== false,
});

const DEFAULT_POLICY = {} as Omit<Policy, "canMergePinned" | "agent" | "isPaused">;
