import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { Slot } from "@agent-orchestrator/core/slots/common";
import type { InstanceConfig } from "./config/instance.ts";
import type { MakePlugin, PluginCache } from "./plugin-cache.ts";
import type { ListedPlugin } from "./registry/list.ts";
import { createInstance, type LoadedPlugin } from "./registry/plugin-module.ts";

/** What can be said of a plugin beyond that its module loads. */
export interface PluginCheck {
  /** Why it is of no use in its slot, such as a method that it lacks. null: nothing was found. */
  problemOf(listed: ListedPlugin, instance: InstanceConfig): Promise<string | null>;
  /** Its file was changed after the instance that is in use was made. */
  isStale(listed: ListedPlugin): boolean;
}

interface Deps {
  cache: PluginCache;
  /** The newest version of each file that an instance was made of. */
  inUse: ReadonlyMap<string, string>;
  contextOf(wanted: Omit<Parameters<MakePlugin>[0], "choice"> & { name: string }): Promise<Context>;
}

type Context = Parameters<typeof createInstance>[1]["context"];

export const createPluginCheck = (deps: Deps): PluginCheck => ({
  async problemOf({ loaded }, instance) {
    if (loaded === null || loaded.origin.kind === "builtin") return null;
    const { slot, name } = loaded.manifest;
    const uses = usesOf(deps.cache, instance, { slot, name });
    const problems = await Promise.all(
      uses.length > 0 ? uses.map((use) => problemIn(use)) : [withoutOptions(deps, loaded, instance)],
    );
    return problems.find((problem) => problem !== null) ?? null;
  },
  isStale({ loaded }) {
    const version = loaded?.version;
    const used = version === undefined ? undefined : deps.inUse.get(version.file);
    return used !== undefined && used !== version?.stamp;
  },
});

/** Each way in which the config uses it, with the options that it has there. */
function usesOf(cache: PluginCache, instance: InstanceConfig, { slot, name }: { slot: Slot; name: string }) {
  if (slot === "notifier") {
    const choices = Object.values(instance.notifiers).filter(({ plugin }) => plugin === name);
    return choices.map((choice) => () => cache.notifier(instance, choice) as Promise<unknown>);
  }
  if (slot === "terminal") return [];
  const projects = instance.projects.filter((project: ProjectConfig) => project[slot].plugin === name);
  return projects.map((project) => () => cache.project(instance, project)[slot]() as Promise<unknown>);
}

/** Options that are wrong are told where they are used. */
async function problemIn(use: () => Promise<unknown>): Promise<string | null> {
  try {
    await use();
    return null;
  } catch (error) {
    return isAoError(error) && error.code === "PLUGIN" ? error.message : null;
  }
}

/** Nothing uses it: then it may rightly want options that nobody gave, and only what it lacks counts. */
async function withoutOptions(
  { contextOf }: Deps,
  loaded: LoadedPlugin,
  instance: InstanceConfig,
): Promise<string | null> {
  const { slot, name } = loaded.manifest;
  const [project = null] = instance.projects;
  const isShared = slot === "runtime" || slot === "notifier" || slot === "terminal";
  const context = await contextOf({ slot, name, instance, project: isShared ? null : project });
  try {
    await createInstance(loaded, { options: {}, context });
    return null;
  } catch (error) {
    return isAoError(error) && error.details?.isUnfit === true ? error.message : null;
  }
}
