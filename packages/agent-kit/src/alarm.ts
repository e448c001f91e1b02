import { type Joined, joinSignals } from "@agent-orchestrator/core/host/signals";
import type { Clock } from "@agent-orchestrator/core/slots/common";

export interface Alarm {
  /** Rings once after this many milliseconds. Replaces an earlier setting. Null: never. */
  set(inMs: number | null): void;
  /** The same, but an earlier time that is already set stays. Null changes nothing. */
  atLatest(inMs: number | null): void;
}

/** Rings for what time alone changes. It never rings once `signal` has aborted. */
export function alarm(clock: Clock, signal: AbortSignal, ring: () => void): Alarm {
  let present: { due: number; end: Joined } | null = null;

  function set(inMs: number | null): void {
    if (inMs !== null && present !== null && Math.abs(present.due - clock.monotonic() - inMs) < 1) return;
    present?.end.abort();
    present = null;
    if (inMs === null || signal.aborted) return;
    const end = joinSignals(signal);
    present = { due: clock.monotonic() + inMs, end };
    clock.sleep(Math.max(0, inMs), end.signal).then(
      () => {
        end.release();
        present = null;
        ring();
      },
      () => undefined, // Set again, or over.
    );
  }

  return {
    set,
    atLatest(inMs) {
      if (inMs !== null && (present === null || present.due > clock.monotonic() + inMs)) set(inMs);
    },
  };
}
