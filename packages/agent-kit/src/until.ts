import type { Clock } from "@agent-orchestrator/core/slots/common";

export interface Patience {
  clock: Clock;
  /** How long to wait in all, and between two looks. */
  ms: number;
  everyMs: number;
  signal?: AbortSignal | undefined;
}

/** What `look` finds, as soon as that is neither null nor false. Null if it finds nothing in time. Rejects when the signal aborts. */
export async function until<T>(
  look: () => T | null | false | Promise<T | null | false>,
  { clock, ms, everyMs, signal }: Patience,
): Promise<T | null> {
  const end = clock.monotonic() + ms;
  for (;;) {
    const found = await look();
    if (found !== null && found !== false) return found;
    if (clock.monotonic() >= end) return null;
    await clock.sleep(everyMs, signal);
  }
}
