import { type Joined, joinSignals } from "@agent-orchestrator/core/host/signals";
import type { Clock } from "@agent-orchestrator/core/slots/common";

export interface Alarm {
  /** Rings after this many milliseconds, or earlier if it was already set to. The callback looks and sets it again. */
  set(inMs: number | null): void;
}

export function alarm(clock: Clock, signal: AbortSignal, ring: () => void): Alarm {
  let present: { due: number; end: Joined } | null = null;
  return {
    set(inMs) {
      if (inMs === null) return;
      const due = clock.monotonic() + Math.max(1, inMs);
      if (present !== null && present.due <= due) return;
      present?.end.abort();
      const end = joinSignals(signal);
      present = { due, end };
      clock.sleep(due - clock.monotonic(), end.signal).then(
        () => {
          end.release();
          present = null;
          ring();
        },
        () => undefined, // Set to an earlier time, or stopped.
      );
    },
  };
}
