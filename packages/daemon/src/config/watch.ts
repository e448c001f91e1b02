import { basename, dirname } from "node:path";
import type { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { InstanceConfig } from "./instance.ts";
import type { ConfigSource } from "./source.ts";

export interface ConfigChange {
  /** The last valid config. Null if there never was one. */
  config: InstanceConfig | null;
  /** Why the newest edit is not in force. */
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

/** Lets an editor that writes in several steps finish. */
const QUIET_MS = 100;

/**
 * Calls back after one of the files was written, replaced, created or removed, once it has been quiet for a moment. Files that
 * do not exist yet are watched too.
 */
export async function watchFiles(files: readonly string[], clock: Clock, onQuiet: () => void): Promise<ConfigWatch> {
  const { watch } = await import("chokidar");
  let waiting = new AbortController();
  const lookWhenQuiet = () => {
    waiting.abort();
    waiting = new AbortController();
    // Aborted by the next event, which looks itself, or at the end, when no look is needed.
    clock.sleep(QUIET_MS, waiting.signal).then(onQuiet, () => undefined);
  };
  // Watches the folders: a watch on a file is set up too late to see its removal, and impossible if the file is missing.
  const folders = new Set(files.map((file) => dirname(file)));
  const names = new Set(files.map((file) => basename(file)));
  const isOther = (path: string) => !folders.has(path) && !files.includes(path);
  const watcher = watch([...folders], { ignoreInitial: true, persistent: false, depth: 0, ignored: isOther });
  watcher.on("all", lookWhenQuiet).on("error", lookWhenQuiet);
  // "all" omits events that follow another one too closely.
  watcher.on("raw", (_event, path) => {
    if (names.has(basename(String(path)))) lookWhenQuiet();
  });
  await new Promise<void>((resolve) => watcher.once("ready", () => resolve()));
  return {
    async close() {
      waiting.abort();
      await watcher.close();
    },
  };
}

/** Reports changes of a config even while no command needs it. */
export async function watchConfig(source: ConfigSource, { clock, onChange }: WatchOptions): Promise<ConfigWatch> {
  let last = source.current();
  const look = () => {
    const now = source.current();
    if (now.config === last.config && now.error === last.error) return;
    last = now;
    onChange(now);
  };
  const watch = await watchFiles(source.files, clock, look);
  // What changed before the watcher was ready.
  look();
  return watch;
}
