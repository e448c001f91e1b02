import { type AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { FoundConfig } from "./find.ts";
import type { ConfigWorld, InstanceConfig } from "./instance.ts";
import { filesOf, loadConfig, loadTrusted } from "./load.ts";
import { stampOf } from "./stamp.ts";

/** The config of one instance over time. */
export interface ConfigSource {
  readonly found: FoundConfig;
  /** The files to watch, whether they exist or not. */
  readonly files: string[];
  /** Returns the config as the files are now. Throws CONFIG if they can't be used. */
  fresh(): InstanceConfig;
  /** Like `fresh`, but keeps the last valid config after a broken edit, and returns the error with it. */
  current(): { config: InstanceConfig | null; error: AoError | null };
  /** The config that the user last trusted, read again. Null if its text was not kept. Throws CONFIG if it can't be used any more. */
  trusted(): InstanceConfig | null;
}

/** A look is a `stat` of each file. They are read only if one of them, or the trust, has changed. */
export function createConfigSource(found: FoundConfig, world: ConfigWorld): ConfigSource {
  const { instance, local, user } = filesOf(found, world.home);
  const files = [instance, local, user].filter((file) => file !== null);
  let stamp: string | null = null;
  let good: InstanceConfig | null = null;
  let error: AoError | null = null;

  let partStamp = "";
  const partsNow = () => (good?.pluginParts ?? []).map(stampOf).join("|");
  const refresh = () => {
    const now = [...files.map(stampOf), world.trustedOf(found.instanceId)?.pin ?? ""].join("|");
    // A broken project may be fixed outside the files (its folder appears), and only another look shows that.
    const isSame = now === stamp && partsNow() === partStamp;
    if (isSame && (good === null || good.brokenProjects.size === 0)) return;
    stamp = now;
    try {
      good = loadConfig(found, world);
      error = null;
      partStamp = partsNow();
    } catch (thrown) {
      error = toAoError(thrown);
    }
  };

  return {
    found,
    files,
    fresh() {
      refresh();
      if (error !== null) throw error;
      if (good === null) throw new Error("a config was neither read nor refused");
      return good;
    },
    current() {
      refresh();
      return { config: good, error };
    },
    trusted: () => loadTrusted(found, world),
  };
}
