import { setMaxListeners } from "node:events";

/** A signal of our own that ends with any of others, until `release`. */
export interface Joined {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
  /** Lets go of the others. To be called when nobody waits any more. */
  release(): void;
}

/** Nobody looks at the reason of a wait that was cut short; the standard one is made anew, with a stack, each time. */
const ENDED = new Error("nobody waits any more");

/**
 * What `AbortSignal.any` does, for work that ends before the signals it listens to: there, one that lives as long as the
 * daemon remembers every signal that was ever made of it (Node 20: some kilobytes each, and 0.1 ms of work).
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
    // As many listeners as there are waits: no leak, so no warning.
    setMaxListeners(0, other);
    other.addEventListener("abort", onAbort);
    joined.push([other, onAbort]);
  }
  return { signal: own.signal, abort, release };
}
