import type { Clock } from "@agent-orchestrator/core/slots/common";

export interface FakeClock extends Clock {
  /** Advances wall and monotonic time, and wakes what is due, in order. */
  advance(ms: number): Promise<void>;
  /** Like `advance`, but stops whenever something is due, so that a sleeper that sleeps again within `ms` wakes again. */
  pass(ms: number): Promise<void>;
  /** Moves only the wall clock, as when a user sets the time or the machine was suspended. */
  setWall(ms: number): void;
  /** How many sleepers there are now. */
  readonly sleepers: number;
}

const STUCK_ROUNDS = 2_000;

interface Sleeper {
  due: number;
  wake: () => void;
}

/** Lets everything that was woken run as far as it can without time passing: a few turns of the event loop. */
export async function settle(turns = 3): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A clock that moves only when told to. */
export function fakeClock(startMs = Date.parse("2026-01-01T00:00:00Z")): FakeClock {
  let wall = startMs;
  let monotonic = 1000;
  const sleepers = new Set<Sleeper>();
  const wakeDue = () => {
    const due = [...sleepers].filter((sleeper) => sleeper.due <= monotonic).sort((a, b) => a.due - b.due);
    for (const sleeper of due) {
      sleepers.delete(sleeper);
      sleeper.wake();
    }
  };
  const move = (ms: number) => {
    wall += ms;
    monotonic += ms;
    wakeDue();
  };
  return {
    now: () => wall,
    monotonic: () => monotonic,
    sleep: (ms, signal) => sleepOn(sleepers, { due: monotonic + ms, signal }),
    async advance(ms) {
      move(ms);
      await settle(1);
    },
    async pass(ms) {
      const end = monotonic + ms;
      await settle();
      for (let rounds = 0, last = 0; ; ) {
        const next = earliest(sleepers);
        if (next > end) break;
        rounds = next === last ? rounds + 1 : 0;
        last = next;
        if (rounds > STUCK_ROUNDS) throw new Error("time does not advance: something sleeps for 0 ms over and over");
        move(Math.max(0, next - monotonic));
        await settle();
      }
      move(Math.max(0, end - monotonic));
      await settle();
    },
    setWall(ms) {
      wall = ms;
    },
    get sleepers() {
      return sleepers.size;
    },
  };
}

function earliest(sleepers: ReadonlySet<Sleeper>): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { due } of sleepers) first = Math.min(first, due);
  return first;
}

function sleepOn(
  sleepers: Set<Sleeper>,
  { due, signal }: { due: number; signal: AbortSignal | undefined },
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    const onAbort = () => {
      sleepers.delete(sleeper);
      reject(signal?.reason);
    };
    const sleeper = {
      due,
      wake: () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      },
    };
    sleepers.add(sleeper);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
