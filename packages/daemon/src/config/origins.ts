import { isAbsolute } from "node:path";
import type { PluginSource } from "@agent-orchestrator/core/model/config-plugin";
import type { PluginOrigin } from "./instance.ts";
import type { Layers } from "./layers.ts";
import type { Layer } from "./read.ts";

/** All `plugins:` of an instance: the config's own, the local file's, the user's. */
export function pluginOrigins({ instance, local, user }: Layers): PluginOrigin[] {
  const of = (layer: Layer | null, owner: PluginOrigin["owner"]) =>
    (layer?.config.plugins ?? []).map((source) => originOf(source, { dir: layer?.dir ?? "", owner }));
  return [...of(instance, "config"), ...of(local, "config"), ...of(user, "user")];
}

/** Where a plugin comes from that a file in this folder declares. */
export function originOf(source: PluginSource, { dir, owner }: Pick<PluginOrigin, "dir" | "owner">): PluginOrigin {
  if (typeof source === "string") return { kind: "package", name: source, dir, owner };
  if ("package" in source) return { kind: "package", name: source.package, dir, owner };
  const isRelative = !isAbsolute(source.path) && !source.path.startsWith("~");
  return { kind: "path", path: source.path, dir, isRelative, owner };
}
