import { setMaxListeners } from "node:events";

/** A signal that aborts when any of several others does, until `release`. */
export interface Joined {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
  /** Stops listening to the others. Call it when nothing waits any more. */
  release(): void;
}

/** Nobody looks at the reason of an interrupted wait, and the standard one is created each time, with a stack. */
const ENDED = new Error("nothing waits any more");

/**
 * Does what `AbortSignal.any` does, for work that ends before the signals it listens to. With `AbortSignal.any`, a signal
 * that lives as long as the daemon remembers every signal ever derived from it (Node 20: some kilobytes and 0.1 ms each).
 */
export function joinSignals(...others: AbortSignal[]): Joined {
  const own = new AbortController();
  const joined: [AbortSignal, () => void][] = [];
  const release = () => {
    for (const [other, onAbort] of joined.splice(0)) other.removeEventListener("abort", onAbort);
  };
  const abort = (reason: unknown = ENDED) => {
    release();
    own.abort(reason);
  };
  for (const other of others) {
    if (other.aborted) {
      abort(other.reason);
      break;
    }
    const onAbort = () => abort(other.reason);
    // One listener per wait is not a leak, so don't warn.
    setMaxListeners(0, other);
    other.addEventListener("abort", onAbort);
    joined.push([other, onAbort]);
  }
  return { signal: own.signal, abort, release };
}
