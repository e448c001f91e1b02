import type { LoggedEvent } from "@agent-orchestrator/core/protocol/results";
import { follow } from "../connect/daemon.ts";

/** Known events and newer ones, by their numbers: none is missing, none is there twice. */
export function merged(known: readonly LoggedEvent[], fresh: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const last = known.at(-1)?.seq ?? Number.NEGATIVE_INFINITY;
  const newer = fresh.filter(({ seq }) => seq > last);
  return newer.length === 0 ? known : [...known, ...newer];
}

interface Wanted {
  session?: string;
  /** How many of the past. */
  limit: number;
}

/** The last events, then each new one. A lost connection goes on after the last one that was seen. */
export function followEvents({ session, limit }: Wanted, onEvents: (fresh: readonly LoggedEvent[]) => void) {
  let cursor: number | null = null;
  let waiting: LoggedEvent[] = [];
  const flush = () => {
    const fresh = waiting;
    waiting = [];
    onEvents(fresh);
  };
  return follow({
    name: "events",
    params: () => ({
      ...(session === undefined ? {} : { session }),
      ...(cursor === null ? { limit } : { afterSeq: cursor, limit: 10_000 }),
      follow: true,
    }),
    onItem(item) {
      const event = item as LoggedEvent;
      if (cursor !== null && event.seq <= cursor) return;
      cursor = event.seq;
      if (waiting.length === 0) queueMicrotask(flush);
      waiting.push(event);
    },
  });
}
