import type { Clock } from "../slots/common.ts";

/** When the next step runs. Many requests lead to one step. */
export interface StepSchedule {
  /** In this round of the event loop. */
  soon(): void;
  /** Within a second, or with the next step. A step costs about the same for one session as for all. */
  later(): void;
  /** Not before, whatever is requested until then. */
  retryIn(ms: number): void;
  stop(): void;
}

const TOGETHER_MS = 1_000;

export function createStepSchedule(clock: Clock, step: () => void): StepSchedule {
  let isScheduled = false;
  let isScheduledLater = false;
  let isWaitingToRetry = false;
  let isStopped = false;

  function soon(): void {
    if (isScheduled || isStopped || isWaitingToRetry) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      if (!isStopped) step();
    });
  }

  return {
    soon,
    later() {
      if (isScheduledLater) return;
      isScheduledLater = true;
      void clock.sleep(TOGETHER_MS).then(() => {
        isScheduledLater = false;
        soon();
      });
    },
    retryIn(ms) {
      isWaitingToRetry = true;
      void clock.sleep(ms).then(() => {
        isWaitingToRetry = false;
        soon();
      });
    },
    stop() {
      isStopped = true;
    },
  };
}
