import type { State } from "../model/state.ts";

type Probe<T> = (state: State) => T | null | undefined | false;

export type Waiters = ReturnType<typeof createWaiters>;

/** Callers that wait for the state to become something. */
export function createWaiters(current: () => State) {
  const waiting = new Set<() => void>();
  return {
    check(): void {
      for (const look of [...waiting]) look();
    },
    until<T>(probe: Probe<T>, signal?: AbortSignal): Promise<T> {
      return new Promise((resolve, reject) => {
        const finish = (act: () => void) => {
          waiting.delete(look);
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
        look();
      });
    },
  };
}
