import { type FSWatcher, watch } from "node:fs";
import type { Clock } from "../host/clock.ts";

export interface WatchOptions {
  dir: string;
  onChange: () => void;
  clock: Clock;
  signal: AbortSignal;
  pollMs: number;
}

/** Calls `onChange` soon after something changed in a folder, and every `pollMs` in case a notification was lost. */
export function watchDir(options: WatchOptions): void {
  const { dir, onChange, clock, signal, pollMs } = options;
  let watcher: FSWatcher | null = null;
  const start = (): void => {
    watcher = tryWatch(dir, onChange, () => {
      watcher = null;
    });
  };
  start();
  signal.addEventListener("abort", () => watcher?.close(), { once: true });
  const poll = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await clock.sleep(pollMs, signal);
      } catch {
        // The signal aborted, so the loop ends.
        return;
      }
      if (watcher === null) start();
      onChange();
    }
  };
  void poll();
}

/** Null if the system has no watches left. Then there is only polling. */
function tryWatch(dir: string, onChange: () => void, onLost: () => void): FSWatcher | null {
  try {
    const watcher = watch(dir, { persistent: false }, () => onChange());
    watcher.on("error", () => {
      watcher.close();
      onLost();
    });
    return watcher;
  } catch {
    // Polling is enough.
    return null;
  }
}
