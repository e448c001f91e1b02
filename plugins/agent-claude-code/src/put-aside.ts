import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { readScreen } from "./screen.ts";

/** What it says of itself is drawn by then. */
const DRAWN_MS = 700;

/**
 * With Ctrl-Z a human puts the program aside, for a shell's `fg` to bring it back. Here is no shell: from then on it would read no key,
 * whoever types. Told to continue, it draws itself anew and reads on.
 */
export function wakeUp(pid: number | null): void {
  if (pid === null) return;
  try {
    process.kill(pid, "SIGCONT");
  } catch {
    // It has ended: others tell of that.
  }
}

interface PutAside {
  terminal: AgentTerminal | null;
  clock: Clock;
  pid(): number | null;
}

/** Looks, a moment after a human typed, whether that put the program aside. */
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
      look().catch(() => undefined); // Stopped, or nothing to be seen now: the next message looks too.
    },
    stop: () => end.abort(),
  };
}
