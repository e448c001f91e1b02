import { realpathSync } from "node:fs";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { PluginOrigin } from "../config/instance.ts";
import { type Env, resolveSecrets } from "../config/interpolate.ts";
import { type Content, contentOfFile, contentOfPackage } from "./content.ts";
import { localPluginFile, packageFolder } from "./locate.ts";
import { pluginError } from "./plugin-module.ts";

/** Where a plugin's code is. */
export interface Place {
  kind: PluginOrigin["kind"];
  /** The file, or the folder of the package. */
  path: string;
}

/** From what variables and `~` in a plugin's path are filled in. */
export interface Around {
  env: Env;
  userHome: string;
}

/** Throws PLUGIN if it is not there, and CONFIG if a variable of the path is not set. */
export function placeOf(origin: PluginOrigin, { env, userHome }: Around): Place {
  if (origin.kind === "path") {
    const path = resolveSecrets(origin.path, { env, where: "plugins" });
    return { kind: "path", path: localPluginFile({ ...origin, path }, userHome) };
  }
  const folder = packageFolder(origin.name, origin.dir);
  if (folder !== null) return { kind: "package", path: realpathSync(folder) };
  throw pluginError({ kind: "package", where: origin.name }, `is not installed (looked from ${origin.dir} upward)`);
}

/** Throws PLUGIN if it can't be read, or is too much to read. */
export function contentAt({ kind, path }: Place): Content {
  try {
    return kind === "path" ? contentOfFile(path) : contentOfPackage(path);
  } catch (cause) {
    throw isAoError(cause) ? cause : pluginError({ kind, where: path }, "can't be read", cause);
  }
}
