import type { Clock } from "@agent-orchestrator/core/slots/common";

export interface FakeClock extends Clock {
  /** Moves wall and monotonic time on and wakes what is due. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock only: a user setting the time, or a jump. */
  setWall(ms: number): void;
}

/** A clock that only moves when told to. */
export function fakeClock(startMs = Date.parse("2026-01-01T00:00:00Z")): FakeClock {
  let wall = startMs;
  let monotonic = 1000;
  const sleepers = new Set<{ due: number; wake: () => void }>();
  return {
    now: () => wall,
    monotonic: () => monotonic,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        const sleeper = { due: monotonic + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      });
    },
    async advance(ms) {
      wall += ms;
      monotonic += ms;
      for (const sleeper of [...sleepers].sort((a, b) => a.due - b.due)) {
        if (sleeper.due > monotonic) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
    setWall(ms) {
      wall = ms;
    },
  };
}
