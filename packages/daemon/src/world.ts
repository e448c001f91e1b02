import { join } from "node:path";
import { agentEnvironment } from "@agent-orchestrator/core/act/agent-environment";
import { toPluginSession } from "@agent-orchestrator/core/act/plugin-session";
import { contextOf } from "@agent-orchestrator/core/decide/context";
import type { QueueLimits } from "@agent-orchestrator/core/decide/queue";
import type { World } from "@agent-orchestrator/core/engine/world";
import { utcOffsetMs } from "@agent-orchestrator/core/host/clock";
import { newId } from "@agent-orchestrator/core/host/ids";
import { userName } from "@agent-orchestrator/core/host/user";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { projectKey } from "@agent-orchestrator/core/model/ids";
import type { ChannelId } from "@agent-orchestrator/core/model/notice";
import type { DecideContext, Policy } from "@agent-orchestrator/core/model/policy";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { State } from "@agent-orchestrator/core/model/state";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import type { SessionPaths, SessionPlugins } from "@agent-orchestrator/core/slots/session-plugins";
import type { Layout, ProjectLayout } from "@agent-orchestrator/core/store/layout";
import type { InstanceConfig } from "./config/instance.ts";
import { resolveSecrets } from "./config/interpolate.ts";
import { settledPolicy } from "./config/settled-policy.ts";
import type { Environments } from "./environment/environments.ts";
import { findChannel } from "./notices/channel-table.ts";
import { oneAtATime } from "./notices/one-at-a-time.ts";
import { type AgentTraits, createAgentTraits } from "./registry/agent-traits.ts";
import type { PluginCache, PluginOverrides, ProjectPlugins } from "./registry/plugin-cache.ts";
import { withoutConfig } from "./registry/without-config.ts";
import { type ChosenAgent, chosenAgent } from "./sessions/chosen-agent.ts";
import { remainsOf } from "./sessions/remains.ts";
import { createSetUpProgress, type SetUpProgress } from "./sessions/set-up-progress.ts";

export interface DaemonWorld extends World {
  projectPlugins(project: ProjectConfig, overrides?: PluginOverrides): ProjectPlugins;
  /** An agent's options with their variables filled in, and the environment that its program starts from (`env`, else the last caller's). */
  agentMeans(project: ProjectConfig, chosen: ChosenAgent, env?: Record<string, string>): Promise<AgentMeans>;
  remains(record: SessionRecord): ProjectConfig | null;
  pluginSession(record: SessionRecord): Session;
  decideContext(record: SessionRecord): DecideContext;
  /** For `{user}` in a branch. Throws CONFIG if it is unknown. */
  userName(instanceId: string): string;
  /** The session in whose checkout this folder lies. */
  sessionAt(path: string): string | null;
  /** Calls back on every ring, until the returned function is called. */
  addWatcher(ring: (text: string) => void): () => void;
  watcherCount(): number;
  /** What the `postCreate` commands of a starting session are doing. */
  setUps: SetUpProgress;
  /** Loads what decisions about these sessions need to know about their agents. */
  prepare(records: readonly SessionRecord[]): Promise<void>;
}

export interface AgentMeans {
  agentConfig: Record<string, unknown>;
  env: Record<string, string>;
}

interface WorldDeps {
  clock: Clock;
  log: Log;
  home: string;
  layout: Layout;
  plugins: PluginCache;
  environments: Environments;
  instance(id: string): InstanceConfig | null;
  /** All that are known and whole. */
  instances(): InstanceConfig[];
  machineSessions(): number;
  /** The environment that fills in the variables of an instance's config. */
  envOf(id: string): Record<string, string>;
  state(): State;
}

/** The engine's view of configs, plugins, folders and environments. */
export const createWorld = (deps: WorldDeps): DaemonWorld => new ConfiguredWorld(deps);

class ConfiguredWorld implements DaemonWorld {
  readonly clock: Clock;
  readonly log: Log;
  readonly home: string;
  readonly newId = newId;
  readonly #deps: WorldDeps;
  readonly #traits: AgentTraits;
  readonly setUps: SetUpProgress;
  readonly #watchers = new Set<(text: string) => void>();

  constructor(deps: WorldDeps) {
    this.#deps = deps;
    this.clock = deps.clock;
    this.log = deps.log;
    this.home = deps.home;
    this.#traits = createAgentTraits(deps.log);
    this.setUps = createSetUpProgress(deps.clock);
  }

  project({ instanceId, projectId }: Pick<SessionRecord, "instanceId" | "projectId">): ProjectConfig | null {
    return this.#deps.instance(instanceId)?.projects.find(({ id }) => id === projectId) ?? null;
  }

  policy(record: SessionRecord, state: State): Policy {
    const key = projectKey(record.instanceId, record.projectId);
    return {
      ...settledPolicy(this.#deps.instance(record.instanceId), record),
      utcOffsetMs: utcOffsetMs(this.clock),
      agent: this.#traits.of(record, async () => this.plugins(record).agent()),
      isPaused: state.isPaused || (state.projects[key]?.isPaused ?? false),
    };
  }

  plugins(record: SessionRecord): SessionPlugins {
    const project = this.project(record);
    if (project === null) return withoutConfig(this.#deps.plugins, record, this.remains(record));
    const { agent, agentOptions, runtime, workspace } = record;
    return this.projectPlugins(project, { agent, agentOptions, runtime, workspace });
  }

  remains(record: SessionRecord): ProjectConfig | null {
    return remainsOf(this.#deps.layout, record);
  }

  projectPlugins(project: ProjectConfig, overrides?: PluginOverrides): ProjectPlugins {
    const instance = this.#deps.instance(project.instanceId);
    if (instance === null) throw new AoError("CONFIG", `the config of ${project.id} is gone`);
    return this.#deps.plugins.project(instance, project, overrides);
  }

  paths(record: SessionRecord): SessionPaths {
    return {
      ...foldersOf(this.#deps.layout.project(record.instanceId, record.projectId), record),
      ...outside(this.project(record)?.worktreeDir ?? null, record),
    };
  }

  environment(record: SessionRecord): Promise<Record<string, string>> {
    return this.#deps.environments.forSession(record, { promptFile: join(this.paths(record).sessionDir, "prompt.md") });
  }

  agentConfig(record: SessionRecord): Record<string, unknown> {
    const project = this.project(record);
    const env = project === null ? {} : chosenAgent(project, record.agent).env;
    return this.#filled(record, { ...record.agentOptions, ...(Object.keys(env).length === 0 ? {} : { env }) });
  }

  async agentMeans(
    project: ProjectConfig,
    { options, env }: ChosenAgent,
    from?: Record<string, string>,
  ): Promise<AgentMeans> {
    const agentConfig = this.#filled({ instanceId: project.instanceId, projectId: project.id }, { ...options, env });
    const base = from ?? (await this.#deps.environments.around(project.instanceId))();
    return { agentConfig, env: { ...base, ...agentEnvironment(agentConfig) } };
  }

  #filled(of: Pick<SessionRecord, "instanceId" | "projectId">, options: Record<string, unknown>) {
    const where = `projects.${of.projectId}.agentConfig`;
    return resolveSecrets(options, { env: this.#deps.envOf(of.instanceId), where });
  }

  limits(state: State): QueueLimits {
    return limitsOf(this.#deps, state);
  }

  async channel(id: ChannelId): Promise<Notifier> {
    const { instance, choice } = findChannel(this.#deps.instances(), id);
    return oneAtATime(await this.#deps.plugins.notifier(instance, choice));
  }

  ring(text: string): number {
    const { plugins, state, log } = this.#deps;
    for (const ring of this.#watchers) ring(text);
    for (const runtime of plugins.runtimes()) ringAttached(runtime, { text, state: state(), log });
    return this.#watchers.size;
  }

  pluginSession(record: SessionRecord): Session {
    return toPluginSession(record, this.paths(record));
  }

  decideContext(record: SessionRecord): DecideContext {
    const state = this.#deps.state();
    return contextOf(state, record, { policy: this.policy(record, state), nowMs: this.clock.now() });
  }

  userName(instanceId: string): string {
    return userName(this.#deps.envOf(instanceId));
  }

  sessionAt(path: string): string | null {
    return sessionAt(this.#deps.state(), path);
  }

  addWatcher(ring: (text: string) => void): () => void {
    this.#watchers.add(ring);
    return () => this.#watchers.delete(ring);
  }

  watcherCount(): number {
    return this.#watchers.size;
  }

  async prepare(records: readonly SessionRecord[]): Promise<void> {
    const living = records.filter(({ isArchived }) => !isArchived);
    await Promise.all(living.map((record) => this.#traits.load(record, async () => this.plugins(record).agent())));
  }
}

type Place = Pick<SessionRecord, "id" | "instanceId" | "createdAt">;

const foldersOf = (folder: ProjectLayout, { id }: Place) => ({
  worktree: folder.worktree(id),
  sessionDir: folder.sessionDir(id),
  preserved: join(folder.preserved, id),
});

/** `worktreeDir` of the config. Several instances may share that folder, so the instance is in the name. */
const outside = (worktreeDir: string | null, { id, instanceId }: Place) =>
  worktreeDir === null ? {} : { worktree: join(worktreeDir, `${instanceId}-${id}`) };

/** The machine's limit, and those of the instances that have sessions now. */
function limitsOf(deps: WorldDeps, state: State): QueueLimits {
  const ids = new Set(Object.values(state.sessions).map(({ instanceId }) => instanceId));
  const instances = [...ids].map((id) => deps.instance(id)).filter((instance) => instance !== null);
  const perInstance = instances.map(({ id, limits }) => [id, limits.own] as const);
  const perProject = instances.flatMap(({ id, projects }) =>
    projects.map((project) => [projectKey(id, project.id), project.maxConcurrentSessions] as const),
  );
  return { max: deps.machineSessions(), perInstance: setOnes(perInstance), perProject: setOnes(perProject) };
}

const setOnes = (limits: (readonly [string, number | null | undefined])[]): Record<string, number> =>
  Object.fromEntries(limits.filter((limit): limit is [string, number] => typeof limit[1] === "number"));

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
      const launch = record.launch.last;
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
