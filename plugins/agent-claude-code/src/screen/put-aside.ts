import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { readScreen } from "./screen.ts";

/** Its own notice is drawn by then. */
const DRAWN_MS = 700;

/**
 * Ctrl-Z suspends the program until a shell's `fg` resumes it. There is no shell here, so it would never read a key again. Told to
 * continue, it redraws itself and reads on.
 */
export function wakeUp(pid: number | null): void {
  if (pid === null) return;
  try {
    process.kill(pid, "SIGCONT");
  } catch {
    // It has ended, which others report.
  }
}

interface PutAside {
  terminal: AgentTerminal | null;
  clock: Clock;
  pid(): number | null;
}

/** Checks, a moment after somebody typed, whether that suspended the program. */
export function bringBack({ terminal, clock, pid }: PutAside): { humanTyped(): void; stop(): void } {
  const end = new AbortController();
  const { signal } = end;
  let isDue = false;

  async function look(): Promise<void> {
    await clock.sleep(DRAWN_MS, signal);
    isDue = false;
    const screen = await terminal?.screen({ signal });
    if (screen && readScreen(screen).isSuspended) wakeUp(pid());
  }

  return {
    humanTyped() {
      if (isDue || terminal === null) return;
      isDue = true;
      look().catch(() => undefined); // Stopped, or nothing can be seen now. The next message checks again.
    },
    stop: () => end.abort(),
  };
}
