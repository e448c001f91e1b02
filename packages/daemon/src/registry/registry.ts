import { didYouMean } from "@agent-orchestrator/core/host/suggest";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginManifest, Slot } from "@agent-orchestrator/core/slots/common";
import type { Builtin, BuiltinTable } from "../builtin.ts";
import { createFileLoader, type FileLoader, type LoaderWorld } from "./file-loader.ts";
import { type ListedPlugin, listPlugins } from "./list.ts";
import { packageFolder, packageNames } from "./locate.ts";
import { packageOrigin } from "./pins.ts";
import { checkSlot, type LoadedPlugin, pluginError, readModule } from "./plugin-module.ts";
import type { PluginScope } from "./scope.ts";

export interface RegistryWorld extends LoaderWorld {
  builtin: BuiltinTable;
  /** Names that this release does not have yet. */
  planned: Readonly<Record<Slot, readonly string[]>>;
  /** The plugins of this release. */
  version: string;
}

export interface Registry {
  /**
   * Built in, then npm packages, then local files. Throws UNAVAILABLE (not in this release), NOT_FOUND, UNTRUSTED, PLUGIN.
   * `createInstance` creates an instance of the result.
   */
  load(slot: Slot, name: string, scope: PluginScope): Promise<LoadedPlugin>;
  /** What the built-in plugins of a slot say of themselves. Loads none of them. */
  manifests(slot: Slot): readonly PluginManifest[];
  /** What a plugin says of itself. Loads it, unless it is built in. Throws like `load`. */
  manifest(slot: Slot, name: string, scope: PluginScope): Promise<PluginManifest>;
  /** Everything a config can use, and what is broken. Loads what it declares. */
  list(scope: PluginScope): Promise<ListedPlugin[]>;
}

interface Wanted {
  slot: Slot;
  name: string;
  scope: PluginScope;
}

export function createRegistry(world: RegistryWorld): Registry {
  const loader = createFileLoader(world);
  const builtinOf = (slot: Slot, name: string): Builtin | undefined =>
    Object.hasOwn(world.builtin[slot], name) ? world.builtin[slot][name] : undefined;
  const registry: Registry = {
    async load(slot, name, scope) {
      const builtin = builtinOf(slot, name);
      if (builtin !== undefined) return await loadBuiltin({ slot, name }, builtin);
      const wanted = { slot, name, scope };
      const found = (await installed(loader, wanted)) ?? (await declared(loader, wanted));
      if (found !== null) return checkSlot(found, slot);
      throw unknownPlugin(world, wanted);
    },
    manifests: (slot) => Object.values(world.builtin[slot]).map(({ manifest }) => manifest),
    manifest: async (slot, name, scope) =>
      builtinOf(slot, name)?.manifest ?? (await registry.load(slot, name, scope)).manifest,
    list: (scope) => listPlugins(world.builtin, loader, scope),
  };
  return registry;
}

async function loadBuiltin({ slot, name }: { slot: Slot; name: string }, { load }: Builtin): Promise<LoadedPlugin> {
  const origin = { kind: "builtin" as const, where: `${slot}-${name}` };
  let module: unknown;
  try {
    module = await load();
  } catch (cause) {
    throw pluginError(origin, "of this release can't be loaded", cause);
  }
  return checkSlot(readModule(module, origin), slot);
}

/** An npm package whose name says that it is such a plugin, or that the config names in full. */
async function installed(loader: FileLoader, { slot, name, scope }: Wanted): Promise<LoadedPlugin | null> {
  const found = packageNames(slot, name).find((candidate) => packageFolder(candidate, scope.dir) !== null);
  if (found === undefined) return null;
  return await loader.open(packageOrigin(found, scope.dir), scope);
}

/** From `plugins:`, packages before files. A broken one matters only if the requested one is not among the others. */
async function declared(loader: FileLoader, { slot, name, scope }: Wanted): Promise<LoadedPlugin | null> {
  const failures: unknown[] = [];
  let other: LoadedPlugin | null = null;
  const byKind = [...scope.plugins].sort((a, b) => Number(a.kind === "path") - Number(b.kind === "path"));
  for (const origin of byKind) {
    try {
      const plugin = await loader.open(origin, scope);
      const isNamed = plugin.manifest.name === name || (origin.kind === "package" && origin.name === name);
      if (isNamed && plugin.manifest.slot === slot) return plugin;
      if (isNamed) other ??= plugin;
    } catch (error) {
      failures.push(error);
    }
  }
  if (other === null && failures.length > 0) throw failures[0];
  return other;
}

function unknownPlugin(world: RegistryWorld, { slot, name, scope }: Wanted): AoError {
  const names = Object.keys(world.builtin[slot]);
  const have = names.length === 0 ? `It has none for ${slot} yet.` : `It has ${names.join(", ")}.`;
  if (world.planned[slot].includes(name)) {
    return new AoError("UNAVAILABLE", `the ${slot} plugin \`${name}\` is not part of this release (${world.version})`, {
      hint: `${have} Set \`${slot}:\` to another, or install a plugin of this name.`,
    });
  }
  const variants = slot === "agent" ? Object.keys(scope.agents ?? {}) : [];
  const meant = didYouMean(name, [...variants, ...names, ...world.planned[slot]]);
  const asked = packageNames(slot, name).join(", ");
  return new AoError("NOT_FOUND", `there is no ${slot} plugin \`${name}\`${meant === undefined ? "" : `; ${meant}`}`, {
    hint: `${have} Looked for npm packages (${asked}) from ${scope.dir}, and in \`plugins:\`.`,
  });
}
