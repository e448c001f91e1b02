import { toIso } from "@agent-orchestrator/core/host/clock";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { ScreenSignal } from "../weigh.ts";
import { readScreen } from "./screen.ts";

const GRAIN_MS = 500;

interface ScreenWatchOptions {
  terminal: AgentTerminal | null;
  clock: Clock;
  signal: AbortSignal;
  onChange(): void;
}

export interface ScreenWatch {
  /** The terminal may have changed. Looks at most twice a second, and only when called. */
  look(): void;
  readonly reading: ScreenSignal | null;
}

export function createScreenWatch({ terminal, clock, signal, onChange }: ScreenWatchOptions): ScreenWatch {
  let reading: ScreenSignal | null = null;
  let isBusy = false;
  let isWanted = false;

  async function lookNow(): Promise<void> {
    const screen = await terminal?.screen({ signal });
    if (screen === undefined || screen === null) return;
    const { state, evidence, menu } = readScreen(screen);
    const isSame = reading?.state === state && reading.dialog?.id === menu?.dialog.id;
    reading = isSame ? reading : { state, evidence, at: toIso(clock.now()), dialog: menu?.dialog ?? null };
    if (!isSame) onChange();
  }

  async function lookAll(): Promise<void> {
    isBusy = true;
    while (isWanted && !signal.aborted) {
      isWanted = false;
      await lookNow().catch(() => undefined); // If the runtime can't tell now, ask at the next output.
      await clock.sleep(GRAIN_MS, signal);
    }
  }

  return {
    look() {
      isWanted = true;
      if (isBusy || terminal === null) return;
      lookAll()
        .catch(() => undefined) // Stopped while it waited.
        .finally(() => {
          isBusy = false;
        });
    },
    get reading() {
      return reading;
    },
  };
}
