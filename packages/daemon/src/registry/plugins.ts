import { join } from "node:path";
import { withoutCredentials } from "@agent-orchestrator/core/host/credentials";
import { ensureDir } from "@agent-orchestrator/core/host/files";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import { VERSION } from "@agent-orchestrator/core/protocol/build";
import type { Clock, Log, Slot } from "@agent-orchestrator/core/slots/common";
import type { Layout } from "@agent-orchestrator/core/store/layout";
import { BUILTIN, PLANNED } from "../builtin.ts";
import type { Configs } from "../config/configs.ts";
import { type Env, resolveSecrets, secretValues } from "../config/interpolate.ts";
import { tokenVariables, withheldVariables } from "../config/secrets.ts";
import type { Environments } from "../environment/environments.ts";
import type { Proofs } from "../server/proofs.ts";
import { withMaskedLogs } from "./masked-logs.ts";
import { type MakePlugin, PluginCache } from "./plugin-cache.ts";
import { createPluginCheck, type PluginCheck } from "./plugin-check.ts";
import { createInstance } from "./plugin-module.ts";
import { createRegistry, type Registry } from "./registry.ts";
import type { PluginScope } from "./scope.ts";

interface Deps {
  clock: Clock;
  log: Log;
  layout: Layout;
  socketDir: string;
  configs: Configs;
  environments: Environments;
  seal: Proofs["sealOf"];
  wake(sessionId?: string): void;
}

export interface Plugins {
  cache: PluginCache;
  registry: Registry;
  check: PluginCheck;
  /** Variables that an outer agent leaves in an environment, from every agent plugin loaded so far. */
  outerMarks(): ReadonlySet<string>;
  /** Names of the variables that hold secrets of an instance's plugins. No agent and no CI gets them. */
  withheld(instanceId: string): Promise<readonly string[]>;
}

const NO_TRUST = { isTrusted: false, pin: "", text: "", files: { instance: "", local: null } };

/** Where plugins of a session without a config come from: only from `ao` itself. */
const NO_CONFIG: PluginScope = { id: "", dir: "/", plugins: [], trust: NO_TRUST };

/** Joins registry, configs and folders into the arguments of a plugin's `create`. */
export function createPlugins(deps: Deps): Plugins {
  const registry = createRegistry({
    builtin: BUILTIN,
    planned: PLANNED,
    version: VERSION,
    envOf: (instanceId) => deps.configs.envOf(instanceId),
    clock: deps.clock,
  });
  const marks = new Set<string>();
  const inUse = new Map<string, string>();
  const contextOf = contexts(deps);

  const make: MakePlugin = async ({ slot, choice, instance, project }) => {
    if (project !== null && instance !== null) deps.configs.requireInForce(instance);
    const plugin = await registry.load(slot, choice.plugin, instance ?? NO_CONFIG);
    const env = instance === null ? {} : deps.configs.envOf(instance.id);
    deps.configs.keepSecret(secretValues(choice.options, env, plugin.manifest.secrets));
    const options = resolveSecrets(choice.options, {
      env,
      where: project === null ? slot : `projects.${project.id}.${slot}`,
    });
    const tokens = deps.configs.tokens.of(instance?.id ?? "", plugin.manifest.tokenVariables ?? [], env);
    const context = await contextOf({ slot, name: choice.plugin, instance, project });
    const own = project === null ? {} : { project: projectFor({ slot, plugin: choice.plugin, project, options, env }) };
    const made = await createInstance<object>(plugin, {
      options,
      context: { ...context, ...own, tokens },
    });
    const mask = (text: string) => withoutCredentials(deps.configs.redact(text, MASK), MASK);
    if (plugin.version !== undefined) inUse.set(plugin.version.file, plugin.version.stamp);
    if (slot === "agent") for (const mark of (made as { outerMarks?: string[] }).outerMarks ?? []) marks.add(mark);
    return slot === "scm" ? withMaskedLogs(made, mask) : made;
  };

  const withheld = async (instanceId: string): Promise<readonly string[]> => {
    const instance = deps.configs.get(instanceId);
    if (instance === null) return [];
    const tokens = await tokenVariables(instance, async (slot, name) => {
      try {
        return (await registry.manifest(slot, name, instance)).tokenVariables ?? [];
      } catch (error) {
        deps.log.debug(`the ${slot} plugin ${name} can't be asked for its tokens: ${String(error)}`);
        return [];
      }
    });
    const secrets = await withheldVariables(instance, async (slot, name) => {
      try {
        return (await registry.load(slot, name, instance)).manifest.secrets ?? [];
      } catch (error) {
        deps.log.debug(`the ${slot} plugin ${name} can't be asked for its secrets: ${String(error)}`);
        return null;
      }
    });
    return [...tokens, ...secrets];
  };

  const cache = new PluginCache(make);
  const check = createPluginCheck({ cache, inUse, contextOf });
  return { cache, registry, check, outerMarks: () => marks, withheld };
}

interface Seeing {
  slot: Slot;
  plugin: string;
  project: ProjectConfig;
  /** The plugin's own, filled in. */
  options: Record<string, unknown>;
  env: Env;
}

/** The project as one of its plugins sees it. */
function projectFor({ slot, plugin, project, options, env }: Seeing): ProjectConfig {
  // An agent sees its own options there, and not those of another agent of the project.
  if (slot === "agent") return { ...project, agentConfig: options };
  // A tracker may take what it lacks from the scm of the same plugin.
  if (slot !== "tracker" || plugin !== project.scm.plugin) return project;
  const where = `projects.${project.id}.scm`;
  return { ...project, scm: { plugin, options: resolveSecrets(project.scm.options, { env, where }) } };
}

const MASK = "***";

/** Of its own for each of a project's trackers, if there are several. */
const folderOf = (slot: Slot, name: string, { trackers = [] }: ProjectConfig): string =>
  slot === "tracker" && trackers.length > 1 ? `${slot}-${name.replaceAll(/[^\w.-]/g, "_")}` : slot;

/** What plugins get in addition to their options, except for the project's own data. */
const contexts =
  (deps: Deps) =>
  async ({ slot, name, instance, project }: Omit<Parameters<MakePlugin>[0], "choice"> & { name: string }) => {
    const stateDir =
      project === null
        ? join(deps.layout.daemon, `${slot}-${name.replaceAll(/[^\w.-]/g, "_")}`)
        : join(deps.layout.project(project.instanceId, project.id).dir, folderOf(slot, name, project));
    ensureDir(stateDir);
    const scope = `${project === null ? "" : `${project.instanceId}-${project.id}`} ${slot} ${name}`;
    return {
      home: deps.layout.home,
      stateDir,
      socketDir: deps.socketDir,
      ...(project === null ? {} : { project }),
      clock: deps.clock,
      log: deps.log,
      env: await deps.environments.around(instance?.id ?? ""),
      wake: deps.wake,
      seal: (text: string) => deps.seal(scope, text),
    };
  };
