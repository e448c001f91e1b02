import { isInInbox } from "@agent-orchestrator/core/decide/inbox";
import { snoozedUntil } from "@agent-orchestrator/core/decide/snooze";
import type { Engine } from "@agent-orchestrator/core/engine/engine";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { at, toIso } from "@agent-orchestrator/core/model/time";
import type { Away } from "@agent-orchestrator/core/protocol/results";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import { type LastSeen, readLastSeen, writeLastSeen } from "@agent-orchestrator/core/store/last-seen";
import type { Layout } from "@agent-orchestrator/core/store/layout";

/** When the user last did something through `ao`, and what happened since. */
export interface Presence {
  /** The user does something now. */
  note(): void;
  /** What happened while the user was away for hours. Null: they were not, or nothing happened. */
  away(): Away | null;
}

const AWAY_MS = 4 * 3_600_000;
/** The file need not be more exact than this. */
const WRITTEN_EVERY_MS = 60_000;
const MOST_MERGED = 1_000;

interface Deps {
  engine: Pick<Engine, "state" | "onCommit">;
  clock: Clock;
  log: Pick<Log, "warn">;
  layout: Pick<Layout, "lastSeen">;
}

export function createPresence({ engine, clock, log, layout }: Deps): Presence {
  let seen: LastSeen = readLastSeen(layout) ?? { at: toIso(clock.now()), merged: [] };
  let writtenMs = 0;
  const write = () => {
    writtenMs = clock.now();
    try {
      writeLastSeen(layout, seen);
    } catch (error) {
      log.warn(`when you last used ao cannot be stored: ${String(error)}`);
    }
  };
  const noteMerges = (changed: readonly SessionRecord[]) => {
    const merged = changed.filter((record) => isMergedSince(record, seen.at) && !seen.merged.includes(record.id));
    if (merged.length === 0) return;
    seen = { ...seen, merged: [...seen.merged, ...merged.map(({ id }) => id)].slice(-MOST_MERGED) };
    write();
  };
  engine.onCommit(noteMerges);
  return {
    note() {
      const now = clock.now();
      const isStale = Math.abs(now - writtenMs) >= WRITTEN_EVERY_MS || seen.merged.length > 0;
      seen = { at: toIso(now), merged: [] };
      // After the answer: it must not wait for the disk.
      if (isStale) setImmediate(write);
    },
    away: () => awayOf(engine, seen, clock.now()),
  };
}

const isMergedSince = ({ ending }: SessionRecord, since: string): boolean =>
  ending?.status === "merged" && ending.at >= since;

function awayOf(engine: Deps["engine"], seen: LastSeen, nowMs: number): Away | null {
  const forMs = nowMs - at(seen.at);
  if (forMs < AWAY_MS) return null;
  const records = Object.values(engine.state.sessions);
  const need = records.filter((record) => isInInbox(record) && snoozedUntil(record, nowMs) === null);
  const hasHappened = records.some(({ statusSince, attention }) => {
    return statusSince > seen.at || (attention !== null && attention.since > seen.at);
  });
  if (seen.merged.length === 0 && !hasHappened) return null;
  return { since: seen.at, forMs, merged: seen.merged.length, need: need.length };
}
