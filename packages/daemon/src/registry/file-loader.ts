import { realpathSync } from "node:fs";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { PluginOrigin } from "../config/instance.ts";
import type { Env } from "../config/interpolate.ts";
import { importFile } from "./import-file.ts";
import { packageEntry } from "./locate.ts";
import { pinnedDigest } from "./pins.ts";
import { contentAt, placeOf } from "./place.ts";
import { type LoadedPlugin, readModule } from "./plugin-module.ts";
import type { PluginScope } from "./scope.ts";

export interface LoaderWorld {
  clock: Clock;
  /** The environment from which an instance's variables are filled in. Its HOME is the meaning of `~`. */
  envOf(instanceId: string): Env;
}

/** Opens plugins that are files, but only with the content that the user has trusted. */
export interface FileLoader {
  /** Throws UNTRUSTED, CONFIG (a variable in the path), PLUGIN. */
  open(origin: PluginOrigin, scope: PluginScope): Promise<LoadedPlugin>;
}

export function createFileLoader(world: LoaderWorld): FileLoader {
  const files = new Map<string, { digest: string; plugin: Promise<LoadedPlugin> }>();

  /** Loads each version of a plugin once, however many requests there are. */
  const fromFile = (file: string, origin: LoadedPlugin["origin"], digest: string): Promise<LoadedPlugin> => {
    const known = files.get(file);
    if (known?.digest === digest) return known.plugin;
    const { kind, where } = origin;
    const plugin = importFile({ file, kind: kind === "path" ? "path" : "package", where, clock: world.clock }).then(
      (exported) => ({ ...readModule(exported, origin), version: { file, stamp: digest } }),
    );
    files.set(file, { digest, plugin });
    return plugin;
  };

  return {
    async open(origin, { id, trust }) {
      const name = origin.kind === "path" ? origin.path : origin.name;
      if (!trust.isTrusted) throw refused(name, "is not loaded: this config is not trusted");
      const env = world.envOf(id);
      const place = placeOf(origin, { env, userHome: env.HOME ?? "/" });
      const { digest } = contentAt(place);
      const trusted = pinnedDigest(trust.text, origin);
      if (trusted === null) throw refused(name, "is not loaded: it is not among the plugins that you trusted");
      if (trusted !== digest) throw refused(name, "is not loaded: it has changed since you trusted it");
      if (origin.kind === "path") return await fromFile(place.path, { kind: "path", where: place.path }, digest);
      const where = `${name} (${place.path})`;
      return await fromFile(realpathSync(packageEntry(place.path, name)), { kind: "package", where }, digest);
    },
  };
}

function refused(name: string, why: string): AoError {
  return new AoError("UNTRUSTED", `the plugin ${name} ${why}`, { hint: "Review it, then run `ao trust`." });
}
