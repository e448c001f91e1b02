import { type AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { Slot } from "@agent-orchestrator/core/slots/common";
import type { BuiltinTable } from "../builtin.ts";
import type { FileLoader } from "./file-loader.ts";
import { type LoadedPlugin, readModule } from "./plugin-module.ts";
import type { PluginScope } from "./scope.ts";

/** One line of `ao plugin list`. */
export interface ListedPlugin {
  /** Null if unknown. */
  slot: Slot | null;
  name: string;
  description: string | null;
  version: string | null;
  origin: LoadedPlugin["origin"];
  /** A built-in plugin already has this name and is used instead. */
  isShadowed: boolean;
  /** Null if it could not be loaded. */
  loaded: LoadedPlugin | null;
  error: AoError | null;
}

/** All built-in plugins and all that a config declares, each with its problem. */
export async function listPlugins(
  builtin: BuiltinTable,
  loader: FileLoader,
  scope: PluginScope,
): Promise<ListedPlugin[]> {
  const builtins = Object.entries(builtin).flatMap(([slot, plugins]) =>
    Object.entries(plugins).map(([name, { load }]) => {
      const origin = { kind: "builtin" as const, where: `${slot}-${name}` };
      return listOne({ slot: slot as Slot, name, origin }, async () => readModule(await load(), origin));
    }),
  );
  const declared = scope.plugins.map(async (from) => {
    const where = from.kind === "path" ? from.path : from.name;
    const listed = await listOne({ slot: null, name: where, origin: { kind: from.kind, where } }, () =>
      loader.open(from, scope),
    );
    return { ...listed, isShadowed: listed.slot !== null && Object.hasOwn(builtin[listed.slot], listed.name) };
  });
  return await Promise.all([...builtins, ...declared]);
}

async function listOne(
  known: Pick<ListedPlugin, "slot" | "name" | "origin">,
  load: () => Promise<LoadedPlugin>,
): Promise<ListedPlugin> {
  const empty = { ...known, description: null, version: null, isShadowed: false, loaded: null, error: null };
  try {
    const loaded = await load();
    const { manifest, origin } = loaded;
    return {
      ...empty,
      loaded,
      slot: manifest.slot,
      name: manifest.name,
      description: manifest.description,
      version: manifest.version,
      origin,
    };
  } catch (error) {
    return { ...empty, error: toAoError(error) };
  }
}
