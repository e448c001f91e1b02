import type { Clock } from "../slots/common.ts";

/** Wall and monotonic time differ by less than this as long as nobody changes the clock. */
const JUMP_MS = 2_000;
/** What comes this late shows that the process did not run. */
const LATE_MS = 5_000;

export interface Gap {
  /** For a while nobody watched, or the clock was set: durations start again. */
  isGap: boolean;
  /** What lay behind lies ahead now. */
  isSetBack: boolean;
}

/** Tells, each time it is asked, whether the machine or the process slept or the clock jumped. `lateMs`: how late the asker is. */
export function createGapWatch(clock: Clock): (lateMs: number) => Gap {
  // Wall minus monotonic time. It changes when somebody sets the clock or the machine was suspended.
  const driftNow = () => clock.now() - clock.monotonic();
  let drift = driftNow();
  return (lateMs) => {
    const jumpMs = driftNow() - drift;
    drift += jumpMs;
    return { isGap: Math.abs(jumpMs) > JUMP_MS || lateMs > LATE_MS, isSetBack: jumpMs < -JUMP_MS };
  };
}
