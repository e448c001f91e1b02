import type { Clock } from "@agent-orchestrator/core/slots/common";

export interface Alarm {
  /** Rings once, in so many milliseconds; null: not at all. What was set before is void. */
  set(inMs: number | null): void;
}

export function alarm(clock: Clock, signal: AbortSignal, ring: () => void): Alarm {
  let present: AbortController | null = null;
  return {
    set(inMs) {
      present?.abort();
      present = null;
      if (inMs === null) return;
      const own = new AbortController();
      present = own;
      clock.sleep(Math.max(1, inMs), AbortSignal.any([own.signal, signal])).then(
        () => ring(),
        () => undefined, // Set anew, or the end.
      );
    },
  };
}
