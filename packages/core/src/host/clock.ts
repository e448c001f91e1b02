import { setTimeout as delay } from "node:timers/promises";
import { toIso } from "../model/time.ts";
import type { Clock } from "../slots/common.ts";

export { toIso } from "../model/time.ts";

export type { Clock } from "../slots/common.ts";

/** The machine's own clock. The only place that reads it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  },
};

export const isoNow = (clock: Clock): string => toIso(clock.now());
