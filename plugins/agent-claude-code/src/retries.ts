import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { ScreenReader } from "./screen-reader.ts";
import type { Signals } from "./signals.ts";

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
