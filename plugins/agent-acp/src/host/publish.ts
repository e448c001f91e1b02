import { toIso } from "@agent-orchestrator/core/model/time";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { HostPush, HostState } from "../wire.ts";

export interface Publisher {
  /** Something may have changed. Notifies listeners once, after everything that happens at this moment. */
  changed(): void;
  moved(what: string): void;
  now(): Extract<HostPush, { ev: "now" }>;
}

export interface PublisherParts {
  state(): Omit<HostState, "since">;
  journalSize(): number;
  clock: Clock;
  push(event: HostPush): void;
}

const MOVED_MS = 5_000;

export function publisher({ state, journalSize, clock, push }: PublisherParts): Publisher {
  let last: HostState = { ...state(), since: toIso(clock.now()) };
  let told = "";
  let isDue = false;
  let movedAt = Number.NEGATIVE_INFINITY;

  function now(): Extract<HostPush, { ev: "now" }> {
    const next = state();
    const isSame = next.phase === last.phase && next.dialog?.id === last.dialog?.id;
    last = { ...next, since: isSame ? last.since : toIso(clock.now()) };
    return { ev: "now", journal: journalSize(), state: last };
  }

  return {
    now,
    changed() {
      if (isDue) return;
      isDue = true;
      setImmediate(() => {
        isDue = false;
        const event = now();
        const text = JSON.stringify(event);
        if (text === told) return;
        told = text;
        push(event);
      });
    },
    moved(what) {
      if (clock.monotonic() - movedAt < MOVED_MS) return;
      movedAt = clock.monotonic();
      push({ ev: "moved", at: toIso(clock.now()), what });
    },
  };
}
