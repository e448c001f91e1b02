import type { AoError } from "@agent-orchestrator/core/model/errors";
import type { InstanceConfig } from "./instance.ts";
import type { ConfigSource } from "./source.ts";

export interface ConfigChange {
  /** The last good one; null when there never was any. */
  config: InstanceConfig | null;
  /** Why the newest edit is not the one that is used. */
  error: AoError | null;
}

export interface ConfigWatch {
  close(): Promise<void>;
}

/**
 * Tells when a config changed while no command asked for it: once per change, also for a broken edit. Files that do not
 * exist yet are watched too.
 */
export async function watchConfig(
  source: ConfigSource,
  onChange: (change: ConfigChange) => void,
): Promise<ConfigWatch> {
  const { watch } = await import("chokidar");
  let last = source.current();
  const look = () => {
    const now = source.current();
    if (now.config === last.config && now.error === last.error) return;
    last = now;
    onChange(now);
  };
  const watcher = watch(source.files, { ignoreInitial: true, atomic: 50, persistent: false });
  watcher.on("all", look);
  // Watching is a convenience: a command reads the files itself.
  watcher.on("error", look);
  await new Promise<void>((resolve) => watcher.once("ready", () => resolve()));
  // What changed before the watcher stood.
  look();
  return { close: () => watcher.close() };
}
