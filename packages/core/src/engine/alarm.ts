import type { Clock } from "../slots/common.ts";

/** One timer for many due times. */
export interface Alarm {
  set(id: string, dueMs: number | null): void;
  /** Returns everything that is due now, and forgets it. */
  takeDue(nowMs: number): Due;
  stop(): void;
}

export interface Due {
  ids: string[];
  /** How long the first of them has been due. More than a moment means that this process did not run. */
  lateMs: number;
}

const LONGEST_MS = 60_000;

/** Calls `ring` when something is due by the wall clock. Checks at least once a minute, so that a clock jump is noticed. */
export function createAlarm(clock: Clock, ring: () => void): Alarm {
  const due = new Map<string, number>();
  let isStopped = false;
  let sleeping: AbortController | null = null;
  let sleepsUntil = Number.POSITIVE_INFINITY;

  const arm = () => {
    const earliest = Math.min(Number.POSITIVE_INFINITY, ...due.values());
    if (isStopped || earliest >= sleepsUntil) return;
    sleeping?.abort();
    const mine = new AbortController();
    sleeping = mine;
    sleepsUntil = earliest;
    const wait = Math.min(Math.max(earliest - clock.now(), 0), LONGEST_MS);
    clock.sleep(wait, mine.signal).then(
      () => {
        sleeping = null;
        sleepsUntil = Number.POSITIVE_INFINITY;
        ring();
        // The step that this requests takes what is due now, and arms the alarm again.
        if (Math.min(Number.POSITIVE_INFINITY, ...due.values()) > clock.now()) arm();
      },
      () => undefined, // Aborted: an earlier alarm replaced it.
    );
  };

  return {
    set(id, dueMs) {
      if (dueMs === null) due.delete(id);
      else due.set(id, dueMs);
      arm();
    },
    takeDue(nowMs) {
      const ready = [...due].filter(([, at]) => at <= nowMs);
      for (const [id] of ready) due.delete(id);
      arm();
      return { ids: ready.map(([id]) => id), lateMs: Math.max(0, ...ready.map(([, at]) => nowMs - at)) };
    },
    stop() {
      isStopped = true;
      due.clear();
      sleeping?.abort();
    },
  };
}
