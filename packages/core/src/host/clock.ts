import { setMaxListeners } from "node:events";
import { toIso } from "../model/time.ts";
import type { Clock } from "../slots/common.ts";

export { toIso } from "../model/time.ts";

export type { Clock } from "../slots/common.ts";

/** The machine's own clock. The only place that reads it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      if (signal === undefined) return;
      // One listener per sleep is not a leak, so don't warn.
      setMaxListeners(0, signal);
      signal.addEventListener("abort", onAbort, { once: true });
    }),
};

export const isoNow = (clock: Clock): string => toIso(clock.now());

/** How far this machine's days are from UTC's, at this time of the year. */
export const utcOffsetMs = (clock: Pick<Clock, "now">): number => -new Date(clock.now()).getTimezoneOffset() * 60_000;
