import { userHome } from "@agent-orchestrator/core/host/user";
import { type AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import { EMBEDDED_DEFAULTS, isBuiltin } from "../builtin.ts";
import { environmentKey } from "../environment/environment-key.ts";
import type { FoundConfig } from "./find.ts";
import type { ConfigWorld, InstanceConfig } from "./instance.ts";
import { type ConfigSource, createConfigSource } from "./source.ts";
import { type ConfigWatch, watchConfig } from "./watch.ts";

type Env = Record<string, string>;

/** The watched config files of all instances. */
export interface Sources {
  /** That of an instance. A changed environment or place creates a new one, because it fills in other values. */
  of(found: FoundConfig): ConfigSource;
  known(id: string): ConfigSource | null;
  drop(id: string): Promise<void>;
  close(): Promise<void>;
}

interface Means {
  clock: Clock;
  log: Log;
  home: string;
  envOf(id: string): Env;
  trustedOf: ConfigWorld["trustedOf"];
  /** A file has changed: what it says now, or why it can't be used. */
  onConfig(config: InstanceConfig): void;
  onBroken(id: string, error: AoError): void;
}

interface Watched {
  source: ConfigSource;
  envKey: string;
  watch: Promise<ConfigWatch | null>;
}

export function createSources({ clock, log, home, envOf, trustedOf, onConfig, onBroken }: Means): Sources {
  const table = new Map<string, Watched>();

  async function watch(source: ConfigSource): Promise<ConfigWatch | null> {
    const { instanceId, path } = source.found;
    try {
      return await watchConfig(source, {
        clock,
        onChange({ config, error }) {
          if (error !== null) onBroken(instanceId, error);
          else if (config !== null) onConfig(config);
        },
      });
    } catch (error) {
      log.warn(`config: ${path} cannot be watched: ${toAoError(error).message}`);
      return null;
    }
  }

  return {
    of(found) {
      const id = found.instanceId;
      const env = envOf(id);
      const envKey = environmentKey(env);
      const known = table.get(id);
      if (known !== undefined && known.envKey === envKey && known.source.found.path === found.path) return known.source;
      void known?.watch.then((open) => open?.close());
      const world = { home, userHome: userHome(env), env, embedded: EMBEDDED_DEFAULTS, isBuiltin, trustedOf };
      const source = createConfigSource(found, world);
      table.set(id, { source, envKey, watch: watch(source) });
      return source;
    },
    known: (id) => table.get(id)?.source ?? null,
    async drop(id) {
      const known = table.get(id);
      table.delete(id);
      await (await known?.watch)?.close();
    },
    async close() {
      await Promise.all([...table.values()].map(async ({ watch: open }) => (await open)?.close()));
    },
  };
}
