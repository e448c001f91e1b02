import type { Engine } from "@agent-orchestrator/core/engine/engine";
import type { Clock } from "@agent-orchestrator/core/host/clock";
import { type AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { Store } from "@agent-orchestrator/core/store/store";

/** Archived sessions, which are not kept in memory. */
export interface Archive {
  /** Brings a session back into memory if it was put away. Any other word does nothing. */
  recall(id: string): Promise<void>;
  /** Puts away what has been archived for a while. */
  putAway(signal: AbortSignal): Promise<void>;
  /** The complete records of a page of them, the latest first. Page 1 is the first. */
  page(wanted: { project: string | undefined; page: number }): Promise<Page>;
}

interface Page {
  records: SessionRecord[];
  /** Why some are missing on it. */
  failures: AoError[];
  pages: number;
  total: number;
}

const PAGE_SIZE = 100;
/** Each writes a file. Requests are answered in between. */
const MOST_AT_ONCE = 5;
const PAUSE_MS = 50;
/** Files to read without yielding, well below a millisecond each. */
const READ_AT_ONCE = 10;
/** Whoever asked for a session may go on with it. */
const IN_USE_MS = 10 * 60_000;

export function createArchive({ engine, store, clock }: { engine: Engine; store: Store; clock: Clock }): Archive {
  const recalledAt = new Map<string, number>();
  const inUse = (): string[] => {
    for (const [id, at] of recalledAt) if (clock.monotonic() - at >= IN_USE_MS) recalledAt.delete(id);
    return [...recalledAt.keys()];
  };
  return {
    async recall(id) {
      if (!Object.hasOwn(engine.state.archive, id)) return;
      const record = store.archive.read(id);
      recalledAt.set(id, clock.monotonic());
      await engine.command({ kind: "bring-back", record });
    },
    async putAway(signal) {
      for (let before = -1; before !== engine.state.seq; ) {
        before = engine.state.seq;
        await engine.command({ kind: "put-away", most: MOST_AT_ONCE, inUse: inUse() });
        await clock.sleep(PAUSE_MS, signal);
      }
    },
    async page({ project, page }) {
      const all = Object.values(engine.state.archive)
        .filter(({ projectId }) => project === undefined || projectId === project)
        .sort((a, b) => (a.archivedAt < b.archivedAt ? 1 : -1));
      const records: SessionRecord[] = [];
      const failures: AoError[] = [];
      for (const [index, { id }] of all.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).entries()) {
        if (index % READ_AT_ONCE === 0) await clock.sleep(0);
        try {
          // It may have been brought back in the meantime.
          records.push(engine.state.sessions[id] ?? store.archive.read(id));
        } catch (error) {
          failures.push(toAoError(error));
        }
      }
      return { records, failures, pages: Math.max(1, Math.ceil(all.length / PAGE_SIZE)), total: all.length };
    },
  };
}
