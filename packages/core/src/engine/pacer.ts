import { type Joined, joinSignals } from "../host/signals.ts";
import type { Clock } from "../slots/common.ts";

/** The sleep of a loop that something may cut short. */
export interface Pacer {
  /** A round begins: what calls from now on is not in it yet. */
  begin(): void;
  /** Returns after `ms`, or at once when called since the round began. */
  pause(ms: number): Promise<void>;
  wake(): void;
}

export function createPacer(clock: Clock, signal: AbortSignal): Pacer {
  let isCalled = false;
  let sleeping: Joined | null = null;
  return {
    begin() {
      isCalled = false;
    },
    async pause(ms) {
      if (isCalled) return;
      sleeping = joinSignals(signal);
      await clock.sleep(ms, sleeping.signal).catch(() => undefined); // woken: that is the point
      sleeping.release();
      sleeping = null;
    },
    wake() {
      isCalled = true;
      sleeping?.abort();
    },
  };
}
