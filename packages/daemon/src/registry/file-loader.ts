import { realpathSync, statSync } from "node:fs";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { PluginOrigin } from "../config/instance.ts";
import { type Env, resolveSecrets } from "../config/interpolate.ts";
import { importFile } from "./import-file.ts";
import { localPluginFile, packageEntry, packageFolder } from "./locate.ts";
import { type LoadedPlugin, pluginError, readModule } from "./plugin-module.ts";

export interface LoaderWorld {
  clock: Clock;
  /** The environment from which an instance's variables are filled in. Its HOME is the meaning of `~`. */
  envOf(instanceId: string): Env;
}

/** Opens plugins that are files, but never an untrusted one. */
export interface FileLoader {
  /** Throws UNTRUSTED, CONFIG (a variable in the path), PLUGIN. */
  open(origin: PluginOrigin, instanceId: string): Promise<LoadedPlugin>;
}

export function createFileLoader(world: LoaderWorld): FileLoader {
  const files = new Map<string, { stamp: string; plugin: Promise<LoadedPlugin> }>();

  /** Loads each version of a file once, however many requests there are. */
  const fromFile = (file: string, kind: "package" | "path", where: string): Promise<LoadedPlugin> => {
    const { mtimeMs, size, ino } = statSync(file);
    const stamp = `${mtimeMs}:${size}:${ino}`;
    const known = files.get(file);
    if (known?.stamp === stamp) return known.plugin;
    const plugin = importFile({ file, kind, where, clock: world.clock }).then((exported) => ({
      ...readModule(exported, { kind, where }),
      version: { file, stamp },
    }));
    files.set(file, { stamp, plugin });
    return plugin;
  };

  return {
    async open(origin, instanceId) {
      if (!origin.isTrusted) throw untrusted(origin.kind === "path" ? origin.path : origin.name);
      if (origin.kind === "package") {
        const folder = packageFolder(origin.name, origin.dir);
        if (folder !== null) {
          return await fromFile(
            realpathSync(packageEntry(folder, origin.name)),
            "package",
            `${origin.name} (${folder})`,
          );
        }
        throw pluginError(
          { kind: "package", where: origin.name },
          `is not installed (looked from ${origin.dir} upward)`,
        );
      }
      const env = world.envOf(instanceId);
      const path = resolveSecrets(origin.path, { env, where: "plugins" });
      const file = localPluginFile({ ...origin, path }, env.HOME ?? "/");
      return await fromFile(file, "path", file);
    },
  };
}

function untrusted(what: string): AoError {
  return new AoError("UNTRUSTED", `the plugin ${what} is not loaded: this config is not trusted`, {
    hint: "Review and trust it with `ao trust`.",
  });
}
