import type { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
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

export interface WatchOptions {
  clock: Clock;
  /** Called once per change, also for a broken edit. */
  onChange(change: ConfigChange): void;
}

/** An editor that writes in several steps is let finish. */
const QUIET_MS = 100;

/** Tells when a config changed while no command asked for it. Files that do not exist yet are watched too. */
export async function watchConfig(source: ConfigSource, { clock, onChange }: WatchOptions): Promise<ConfigWatch> {
  const { watch } = await import("chokidar");
  let last = source.current();
  let waiting = new AbortController();
  const look = () => {
    const now = source.current();
    if (now.config === last.config && now.error === last.error) return;
    last = now;
    onChange(now);
  };
  const lookWhenQuiet = () => {
    waiting.abort();
    waiting = new AbortController();
    // Aborted by the next event, or at the end: then somebody else looks, or nobody has to.
    clock.sleep(QUIET_MS, waiting.signal).then(look, () => undefined);
  };
  const watcher = watch(source.files, { ignoreInitial: true, persistent: false });
  // "all" leaves out what follows an event too closely; "raw" leaves out files that appear.
  for (const event of ["all", "raw", "error"] as const) watcher.on(event, lookWhenQuiet);
  await new Promise<void>((resolve) => watcher.once("ready", () => resolve()));
  // What changed before the watcher stood.
  look();
  return {
    async close() {
      waiting.abort();
      await watcher.close();
    },
  };
}
