import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { Slot } from "@agent-orchestrator/core/slots/common";
import type { InstanceConfig } from "../config/instance.ts";
import type { ListedPlugin } from "./list.ts";
import type { MakePlugin, PluginCache } from "./plugin-cache.ts";
import { createInstance, type LoadedPlugin } from "./plugin-module.ts";

/** What is known about a plugin, apart from whether its module loads. */
export interface PluginCheck {
  /** Why it cannot be used in its slot, such as a missing method. Null if nothing was found. */
  problemOf(listed: ListedPlugin, instance: InstanceConfig): Promise<string | null>;
  /** Its file was changed after the instance in use was created. */
  isStale(listed: ListedPlugin): boolean;
}

interface Deps {
  cache: PluginCache;
  /** The newest version of each file from which an instance was created. */
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

/** Each use in the config, with its options there. */
function usesOf(cache: PluginCache, instance: InstanceConfig, { slot, name }: { slot: Slot; name: string }) {
  if (slot === "notifier") {
    const choices = Object.values(instance.notifiers).filter(({ plugin }) => plugin === name);
    return choices.map((choice) => () => cache.notifier(instance, choice) as Promise<unknown>);
  }
  if (slot === "terminal") return [];
  const projects = instance.projects.filter((project: ProjectConfig) => project[slot].plugin === name);
  return projects.map((project) => () => cache.project(instance, project)[slot]() as Promise<unknown>);
}

/** Invalid options are reported where they are used. */
async function problemIn(use: () => Promise<unknown>): Promise<string | null> {
  try {
    await use();
    return null;
  } catch (error) {
    return isAoError(error) && error.code === "PLUGIN" ? error.message : null;
  }
}

/** If nothing uses it, it may lack options that it requires, so only missing methods count. */
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
