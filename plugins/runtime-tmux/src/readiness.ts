import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Pane } from "./panes.ts";

export interface ReadinessProbe {
  clock: Clock;
  isRaw(): Promise<boolean | null>;
  isReadingKeyboard(): boolean;
  /** False ends the wait, because the program is gone. */
  isAlive(): boolean;
}

const STEP_MS = 50;
/** A full-screen program draws for a moment after it has set up the terminal. */
const QUIET_BRACKETED_MS = 120;
const QUIET_RAW_MS = 300;
const QUIET_READING_MS = 150;
const QUIET_COOKED_MS = 3_000;
/** A program that never goes quiet counts as ready after this time. */
const LONGEST_MS = 15_000;

/**
 * Waits until a program that was just started accepts messages. Text that arrives before its switch to raw mode is lost. The
 * signs, best first: bracketed paste turned on; a raw terminal; a program asleep in a read of its terminal; long silence.
 * Returns false if the program ended first.
 */
export async function untilReady(pane: Pane, probe: ReadinessProbe, signal?: AbortSignal): Promise<boolean> {
  const { clock } = probe;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let isRaw: boolean | null = null;
  for (;;) {
    if (pane.isReady) return true;
    if (!probe.isAlive()) return false;
    const now = clock.monotonic();
    const quietMs = now - Math.max(pane.seenAtMs, pane.outputAtMs ?? pane.seenAtMs);
    if (now - pane.seenAtMs >= LONGEST_MS) return true;
    if (pane.isBracketed === true && quietMs >= QUIET_BRACKETED_MS) return true;
    if (quietMs >= QUIET_READING_MS && probe.isReadingKeyboard()) return true;
    if (quietMs >= QUIET_RAW_MS && now - askedAtMs >= QUIET_RAW_MS) {
      isRaw = await probe.isRaw();
      askedAtMs = now;
      if (isRaw === true) return true;
    }
    if (quietMs >= QUIET_COOKED_MS) return true;
    await clock.sleep(STEP_MS, signal);
  }
}
