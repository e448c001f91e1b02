import { type FSWatcher, watch } from "node:fs";
import type { Clock } from "@agent-orchestrator/core/slots/common";

export interface LookOptions {
  /** A file or a folder. It need not exist yet. */
  path: string;
  isFolder: boolean;
  clock: Clock;
  signal: AbortSignal;
  /** Notifications of the system get lost; it is looked this often without one. */
  pollMs: number;
  /** Between two looks at least: a program that writes a lot is looked at in steps. */
  gapMs: number;
  /** Of a folder: whether a change of this name is worth a look. */
  isOfInterest?(name: string): boolean;
  /** Never called twice at once. */
  look(): Promise<void>;
  /** A look that failed; there is another at the next change. */
  onFailed?(error: unknown): void;
}

export interface Looking {
  /** Asks for a look soon, because something is known to be new. */
  poke(): void;
  /** Settles when the signal aborted and the last look has ended. */
  ended: Promise<void>;
}

/** Looks at once, soon after each change, and now and then in case nobody told of one. */
export function lookOnChange(options: LookOptions): Looking {
  const { clock, signal, gapMs, pollMs } = options;
  let isDue = false;
  let rouse: (() => void) | null = null;
  let polling: Promise<void> | null = null;
  const poke = (): void => {
    isDue = true;
    rouse?.();
  };
  const watched = watching(options, poke);

  /** One timer stands behind all pauses: looks are many, and a timer for each would cost more than they do. */
  function nextPoll(): Promise<void> {
    polling ??= clock.sleep(pollMs, signal).then(over, over);
    return polling;
    function over(): void {
      polling = null;
      rouse?.();
    }
  }

  async function pause(): Promise<void> {
    if (gapMs > 0) await clock.sleep(gapMs, signal);
    if (isDue || signal.aborted) return;
    void nextPoll();
    await new Promise<void>((resolve) => {
      rouse = resolve;
    });
    rouse = null;
  }

  async function run(): Promise<void> {
    await Promise.resolve(); // Whoever opened this has it before the first look.
    while (!signal.aborted) {
      watched.open();
      isDue = false;
      await options.look().catch((error: unknown) => options.onFailed?.(error));
      await pause().catch(() => undefined); // The signal: the loop ends.
    }
    watched.close();
  }
  return { poke, ended: run() };
}

function watching(options: LookOptions, onChange: () => void): { open(): void; close(): void } {
  const { path, isFolder, isOfInterest } = options;
  let watcher: FSWatcher | null = null;
  const close = (): void => {
    watcher?.close();
    watcher = null;
  };
  return {
    close,
    open() {
      if (watcher !== null) return;
      try {
        const fresh = watch(path, { persistent: false }, (event, name) => {
          if (isFolder && name !== null && isOfInterest?.(name) === false) return;
          // The file that we watched went away under this name; another is watched at the next look.
          if (!isFolder && event === "rename") close();
          onChange();
        });
        fresh.on("error", close);
        watcher = fresh;
      } catch {
        watcher = null; // Not there yet, or the system has no watches left: the poll is enough.
      }
    },
  };
}
