import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Signals } from "../signals.ts";
import { readScreen, type Seen } from "./screen.ts";

/** A dialog is drawn a moment after its hook and status. */
const DRAW_TRIES = 14;
const DRAW_MS = 60;
/** The time between two looks, because output arrives all the time. */
const GLANCE_GAP_MS = 700;

/** Null if nothing can be seen now. */
export type Look = Seen | "no screen" | null;

export interface ScreenReader {
  /** Waits for a dialog to be drawn, while `isWanted`. */
  dialog(isWanted: () => boolean): Promise<Look>;
  /** An occasional look. Null if it is too early, or nothing can be seen. */
  glance(): Promise<Seen | null>;
}

export function screenReader(of: { terminal: AgentTerminal | null; clock: Clock; signal: AbortSignal }): ScreenReader {
  const { terminal, clock, signal } = of;
  let glancedAt = Number.NEGATIVE_INFINITY;
  let isGlancing = false;

  async function read(): Promise<Look> {
    try {
      const screen = await terminal?.screen({ signal });
      return screen === undefined || screen === null ? "no screen" : readScreen(screen);
    } catch {
      return null; // The runtime is busy or the program gone, which others report.
    }
  }

  return {
    async dialog(isWanted) {
      let seen: Look = null;
      for (let tries = 0; tries < DRAW_TRIES && !signal.aborted && isWanted(); tries++) {
        seen = await read();
        if (seen === "no screen" || (seen !== null && seen.dialog !== null)) return seen;
        await clock.sleep(DRAW_MS, signal).catch(() => undefined); // The end, which is handled above.
      }
      return seen;
    },
    async glance() {
      if (isGlancing || clock.monotonic() - glancedAt < GLANCE_GAP_MS) return null;
      isGlancing = true;
      glancedAt = clock.monotonic();
      try {
        const seen = await read();
        return seen === "no screen" ? null : seen;
      } finally {
        isGlancing = false;
      }
    },
  };
}

/** After working this long without a line in its transcript, the API may be failing. */
const SILENT_MS = 4_000;
const LOOK_MS = 5_000;

export interface RetriesOptions {
  screen: ScreenReader;
  clock: Clock;
  signals(): Signals;
  onChange(retryMs: number | null): void;
}

/** Neither status file nor transcript shows API errors while the program retries. Only its screen does. */
export function retries({ screen, clock, signals, onChange }: RetriesOptions): { outputSeen(): void } {
  let lookedAt = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    const seen = await screen.glance();
    const before = signals().retryMs;
    if (seen === null || seen.isRetrying === (before !== null)) return;
    onChange(seen.isRetrying ? clock.now() : null);
  }

  return {
    outputSeen() {
      const { status, transcript, retryMs } = signals();
      const movedMs = Math.max(status?.sinceMs ?? 0, Date.parse(transcript.movedAt ?? "") || 0);
      const isSilent = status?.state === "busy" && clock.now() - movedMs > SILENT_MS;
      if ((!isSilent && retryMs === null) || clock.monotonic() - lookedAt < LOOK_MS) return;
      lookedAt = clock.monotonic();
      void look();
    },
  };
}
