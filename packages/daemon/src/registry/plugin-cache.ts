import type { PluginChoice, ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext, Slot } from "@agent-orchestrator/core/slots/common";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import type { SCM } from "@agent-orchestrator/core/slots/scm";
import type { SessionPlugins } from "@agent-orchestrator/core/slots/session-plugins";
import type { Terminal } from "@agent-orchestrator/core/slots/terminal";
import type { Tracker } from "@agent-orchestrator/core/slots/tracker";
import type { Workspace } from "@agent-orchestrator/core/slots/workspace";
import type { InstanceConfig } from "../config/instance.ts";
import { chosenAgent } from "../sessions/chosen-agent.ts";
import { type NamedTracker, severalTrackers } from "./several-trackers.ts";

/** Creates one plugin: loads its module and calls `create`. */
export type MakePlugin = (wanted: {
  slot: Slot;
  choice: PluginChoice;
  /** Null if only built-in plugins are available. */
  instance: InstanceConfig | null;
  project: ProjectConfig | null;
}) => Promise<unknown>;

export interface PluginOverrides {
  agent?: string;
  agentOptions?: Record<string, unknown>;
  runtime?: string;
  workspace?: string;
}

export interface ProjectPlugins extends SessionPlugins {
  /** Each of the project's trackers. `tracker()` is all of them as one. */
  trackers(): readonly NamedTracker[];
  terminal(): Promise<Terminal>;
}

/**
 * Plugins by what they were created from. Runtimes and notifiers are shared by all projects with the same options, and every other
 * plugin is per project. A changed config creates new ones. The old ones are closed once nothing watches through them.
 */
export class PluginCache {
  readonly #made = new Map<string, Promise<unknown>>();
  readonly #make: MakePlugin;

  constructor(make: MakePlugin) {
    this.#make = make;
  }

  runtimes(): Promise<unknown>[] {
    return [...this.#made].filter(([key]) => key.startsWith("runtime ")).map(([, plugin]) => plugin);
  }

  /** A runtime with its default options, for sessions whose config is gone. Built-in ones only. */
  builtinRuntime(name: string): Promise<Runtime> {
    return this.#get({
      slot: "runtime",
      choice: { plugin: name, options: {} },
      instance: null,
      project: null,
    }) as Promise<Runtime>;
  }

  /** The same for the checkout of such a session. */
  builtinWorkspace(name: string, project: ProjectConfig): Promise<Workspace> {
    const choice = { plugin: name, options: {} };
    return this.#get({ slot: "workspace", choice, instance: null, project }) as Promise<Workspace>;
  }

  notifier(instance: InstanceConfig, choice: PluginChoice): Promise<Notifier> {
    return this.#get({ slot: "notifier", choice, instance, project: null }) as Promise<Notifier>;
  }

  project(instance: InstanceConfig, project: ProjectConfig, overrides: PluginOverrides = {}): ProjectPlugins {
    const pick = (choice: PluginChoice, name: string | undefined): PluginChoice =>
      name === undefined || name === choice.plugin ? choice : { plugin: name, options: {} };
    const get = (slot: Slot, choice: PluginChoice, mine: ProjectConfig | null = project) =>
      this.#get({ slot, choice, instance, project: mine });
    const trackers = (project.trackers ?? [project.tracker]).map(
      (choice): NamedTracker => ({ name: choice.plugin, load: () => get("tracker", choice) as Promise<Tracker> }),
    );
    return {
      runtime: () => get("runtime", pick(project.runtime, overrides.runtime), null) as Promise<Runtime>,
      agent: () => {
        const { plugin, options, env } = chosenAgent(project, overrides.agent);
        const whole = { ...options, ...overrides.agentOptions, ...(Object.keys(env).length === 0 ? {} : { env }) };
        return get("agent", { plugin, options: whole }) as Promise<Agent>;
      },
      workspace: () => get("workspace", pick(project.workspace, overrides.workspace)) as Promise<Workspace>,
      tracker: () => only(trackers),
      trackers: () => trackers,
      scm: () => get("scm", project.scm) as Promise<SCM>,
      terminal: () => get("terminal", project.terminal, null) as Promise<Terminal>,
    };
  }

  #get(wanted: Parameters<MakePlugin>[0]): Promise<unknown> {
    const owner = wanted.project === null ? "" : JSON.stringify(wanted.project);
    const key = `${wanted.slot} ${JSON.stringify(wanted.choice)} ${owner}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = this.#make(wanted);
    this.#made.set(key, made);
    // A plugin that could not be created is tried again at the next request.
    made.catch(() => this.#made.delete(key));
    return made;
  }
}

/** One tracker alone, or several as one. */
async function only(trackers: readonly NamedTracker[]): Promise<Tracker> {
  const [first, ...others] = trackers;
  return first !== undefined && others.length === 0 ? first.load() : severalTrackers(trackers);
}

export type { PluginContext };
