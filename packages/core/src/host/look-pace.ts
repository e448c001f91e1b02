import type { Clock } from "../slots/common.ts";

/**
 * How often many things that change all the time are looked at. One that was quiet is looked at at once. One that keeps changing
 * waits for its turn: `LEAST_GAP_MS`, or `shareMs` for each that keeps changing as well, so all of them together cost no more than
 * one look every `shareMs`. One that stops changing waits for a third of that.
 */
export interface LookPace {
  /**
   * 0: look now, and that counts as its look. Else milliseconds until it may ask again. `version`: what it would look at, which
   * may be looked at again at any time. `restedMs`: how long that is unchanged.
   */
  ask(key: string, seen?: { version: string; restedMs: number }): number;
}

export const LEAST_GAP_MS = 2_000;
export const SHARE_MS = 500;
/** Not quiet yet, whatever the share. */
const LEAST_REST_MS = 10_000;
/** Without a question for this long, one is quiet. */
const QUIET_MS = 30_000;
const COUNT_EVERY_MS = 1_000;

interface Asked {
  lookedAtMs: number;
  askedAtMs: number;
  version: string | undefined;
}

export function createLookPace(clock: Clock, shareMs = SHARE_MS): LookPace {
  const known = new Map<string, Asked>();

  let busy = { count: 0, atMs: Number.NEGATIVE_INFINITY };

  /** How many keep changing. Forgets those that are quiet and would be looked at at once anyway. */
  function countBusy(nowMs: number): number {
    if (nowMs - busy.atMs < COUNT_EVERY_MS) return busy.count;
    busy = { count: 0, atMs: nowMs };
    for (const [key, { askedAtMs, lookedAtMs }] of known) {
      if (nowMs - askedAtMs <= QUIET_MS) busy.count += 1;
      else if (nowMs - lookedAtMs > known.size * shareMs + QUIET_MS) known.delete(key);
    }
    return busy.count;
  }

  return {
    ask(key, { version, restedMs = 0 }: { version?: string; restedMs?: number } = {}) {
      const nowMs = clock.monotonic();
      const last = known.get(key);
      if (last === undefined) {
        known.set(key, { lookedAtMs: nowMs, askedAtMs: nowMs, version });
        return 0;
      }
      last.askedAtMs = nowMs;
      if (version !== undefined && version === last.version) return 0;
      const gapMs = Math.max(LEAST_GAP_MS, countBusy(nowMs) * shareMs);
      const leftMs = last.lookedAtMs + gapMs - nowMs;
      if (leftMs > 0 && restedMs < Math.max(LEAST_REST_MS, gapMs / 3)) return leftMs;
      last.lookedAtMs = nowMs;
      last.version = version;
      return 0;
    },
  };
}
