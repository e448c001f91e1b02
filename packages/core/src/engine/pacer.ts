import { type Joined, joinSignals } from "../host/signals.ts";
import type { Clock } from "../slots/common.ts";

/** The sleep of a loop, which something may cut short. */
export interface Pacer {
  /** Starts a round. Calls that come from now on are not part of it. Returns whether a call brought it about. */
  begin(): boolean;
  /** Returns after `ms`, or at once if a call has come since the round began. */
  pause(ms: number): Promise<void>;
  wake(): void;
}

export function createPacer(clock: Clock, signal: AbortSignal): Pacer {
  let isCalled = false;
  let sleeping: Joined | null = null;
  return {
    begin() {
      const wasCalled = isCalled;
      isCalled = false;
      return wasCalled;
    },
    async pause(ms) {
      if (isCalled) return;
      sleeping = joinSignals(signal);
      await clock.sleep(ms, sleeping.signal).catch(() => undefined); // Woken, which is the point.
      sleeping.release();
      sleeping = null;
    },
    wake() {
      isCalled = true;
      sleeping?.abort();
    },
  };
}
