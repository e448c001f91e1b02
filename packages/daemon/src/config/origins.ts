import { isAbsolute } from "node:path";
import type { PluginSource } from "@agent-orchestrator/core/model/config-plugin";
import type { PluginOrigin } from "./instance.ts";
import type { Layers } from "./layers.ts";
import type { Layer } from "./read.ts";

/** All `plugins:` of an instance: the config's own, the local file's, the user's. Only the user's are trusted without `ao trust`. */
export function pluginOrigins(layers: Layers, isTrusted: boolean): PluginOrigin[] {
  const of = (layer: Layer | null, isLayerTrusted: boolean) =>
    (layer?.config.plugins ?? []).map((source) => originOf(source, layer?.dir ?? "", isLayerTrusted));
  return [...of(layers.instance, isTrusted), ...of(layers.local, isTrusted), ...of(layers.user, true)];
}

function originOf(source: PluginSource, dir: string, isTrusted: boolean): PluginOrigin {
  if (typeof source === "string") return { kind: "package", name: source, dir, isTrusted };
  if ("package" in source) return { kind: "package", name: source.package, dir, isTrusted };
  const isRelative = !isAbsolute(source.path) && !source.path.startsWith("~");
  return { kind: "path", path: source.path, dir, isRelative, isTrusted };
}
