import type { Clock } from "../slots/common.ts";

/** One timer for many due times. */
export interface Alarm {
  set(id: string, dueMs: number | null): void;
  /** Everything due now, and forgets it. */
  takeDue(nowMs: number): string[];
  stop(): void;
}

const LONGEST_MS = 60_000;

/** Calls `ring` when something is due by the wall clock; looks at least once a minute, so that a jump is noticed. */
export function createAlarm(clock: Clock, ring: () => void): Alarm {
  const due = new Map<string, number>();
  let sleeping: AbortController | null = null;
  let sleepsUntil = Number.POSITIVE_INFINITY;

  const arm = () => {
    const earliest = Math.min(Number.POSITIVE_INFINITY, ...due.values());
    if (earliest >= sleepsUntil) return;
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
        arm();
      },
      () => undefined, // aborted: an earlier alarm took its place
    );
  };

  return {
    set(id, dueMs) {
      if (dueMs === null) due.delete(id);
      else due.set(id, dueMs);
      arm();
    },
    takeDue(nowMs) {
      const ready = [...due].filter(([, at]) => at <= nowMs).map(([id]) => id);
      for (const id of ready) due.delete(id);
      return ready;
    },
    stop() {
      due.clear();
      sleeping?.abort();
    },
  };
}
