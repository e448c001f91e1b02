import type { Socket } from "node:net";
import { type RunnerEvent, writeLine } from "../wire.ts";
import { isoOf, type Time } from "./time.ts";

type Hint = "output" | "ready" | "human-input";

/** Notifies the watching daemons with at most four hints of a kind per second. The last one is never dropped. */
export interface Push {
  watch(watcher: Socket): void;
  leave(watcher: Socket): void;
  hint(kind: Hint): void;
  tell(event: RunnerEvent): void;
  stop(): void;
}

const PAUSE_MS = 250;

export function push(time: Time): Push {
  const watchers = new Set<Socket>();
  const pausing = new Map<Hint, { timer: NodeJS.Timeout; again: boolean }>();

  const tell = (event: RunnerEvent): void => {
    for (const watcher of watchers) writeLine(watcher, event);
  };

  function hint(kind: Hint): void {
    const pause = pausing.get(kind);
    if (pause !== undefined) {
      pause.again = true;
      return;
    }
    tell({ ev: kind, at: isoOf(time) });
    const timer = setTimeout(() => {
      const isDue = pausing.get(kind)?.again;
      pausing.delete(kind);
      if (isDue) hint(kind);
    }, PAUSE_MS);
    pausing.set(kind, { timer, again: false });
  }

  return {
    watch: (watcher) => void watchers.add(watcher),
    leave: (watcher) => void watchers.delete(watcher),
    hint,
    tell,
    stop() {
      for (const { timer } of pausing.values()) clearTimeout(timer);
    },
  };
}
