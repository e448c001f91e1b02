import type { State } from "../model/state.ts";

type Probe<T> = (state: State) => T | null | undefined | false;

export type Waiters = ReturnType<typeof createWaiters>;

/** Callers that wait for the state to become something. */
export function createWaiters(current: () => State) {
  const waiting = new Set<() => void>();
  const failing = new Set<(error: unknown) => void>();
  return {
    check(): void {
      for (const look of [...waiting]) look();
    },
    /** Nothing can be committed now, and nobody can say when that will change. */
    fail(error: unknown): void {
      for (const give of [...failing]) give(error);
    },
    until<T>(probe: Probe<T>, signal?: AbortSignal): Promise<T> {
      return new Promise((resolve, reject) => {
        const give = (error: unknown) => finish(() => reject(error));
        const finish = (act: () => void) => {
          waiting.delete(look);
          failing.delete(give);
          signal?.removeEventListener("abort", onAbort);
          act();
        };
        const onAbort = () => finish(() => reject(signal?.reason));
        const look = () => {
          try {
            const answer = probe(current());
            if (answer) finish(() => resolve(answer as T));
          } catch (error) {
            finish(() => reject(error));
          }
        };
        if (signal?.aborted === true) return reject(signal.reason);
        signal?.addEventListener("abort", onAbort);
        waiting.add(look);
        failing.add(give);
        look();
      });
    },
  };
}
