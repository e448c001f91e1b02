import type { Clock } from "@agent-orchestrator/core/slots/common";

/** Rings once at a wall-clock time. Setting it again replaces the earlier time. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #set: { due: number; abort: AbortController } | null = null;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  set(due: number | null): void {
    if ((this.#set?.due ?? null) === due) return;
    this.stop();
    if (due === null) return;
    const abort = new AbortController();
    this.#set = { due, abort };
    this.#clock.sleep(Math.max(0, due - this.#clock.now()), abort.signal).then(
      () => {
        this.#set = null;
        this.#ring();
      },
      () => undefined, // Set again, or stopped.
    );
  }

  stop(): void {
    this.#set?.abort.abort();
    this.#set = null;
  }
}
