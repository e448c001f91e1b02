import type { Socket } from "node:net";
import { paced } from "@agent-orchestrator/plugin-kit/terminal/paced";
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

export function push(time: Time): Push {
  const watchers = new Set<Socket>();

  const tell = (event: RunnerEvent): void => {
    for (const watcher of watchers) writeLine(watcher, event);
  };

  const { hint, stop } = paced<Hint>((kind) => tell({ ev: kind, at: isoOf(time) }));

  return {
    watch: (watcher) => void watchers.add(watcher),
    leave: (watcher) => void watchers.delete(watcher),
    hint,
    tell,
    stop,
  };
}
