import type { Clock } from "@agent-orchestrator/core/slots/common";

export interface Alarm {
  /** Rings in so many milliseconds, or earlier where it was set to ring before: whoever is rung for looks and sets it anew. */
  set(inMs: number | null): void;
}

export function alarm(clock: Clock, signal: AbortSignal, ring: () => void): Alarm {
  let present: { due: number; abort: AbortController } | null = null;
  return {
    set(inMs) {
      if (inMs === null) return;
      const due = clock.monotonic() + Math.max(1, inMs);
      if (present !== null && present.due <= due) return;
      present?.abort.abort();
      const own = { due, abort: new AbortController() };
      present = own;
      clock.sleep(due - clock.monotonic(), AbortSignal.any([own.abort.signal, signal])).then(
        () => {
          present = null;
          ring();
        },
        () => undefined, // Set to an earlier time, or the end.
      );
    },
  };
}
