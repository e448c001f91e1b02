import type { WithTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Present } from "./present.ts";

/** A second Ctrl-C within two seconds ends aider. */
const APART_MS = 2_500;

/** Presses Ctrl-C once, and only while there is something to interrupt: at its prompt it would be the first of two that end aider. */
export async function interrupt(
  of: { present: Present; clock: Clock; lastAtMs: number | null },
  { terminal, signal }: WithTerminal,
): Promise<number | null> {
  const { present, clock, lastAtMs } = of;
  if (isAtRest((await present.look(terminal, signal)).verdict.state)) return lastAtMs;
  if (lastAtMs !== null && clock.monotonic() - lastAtMs < APART_MS) {
    await clock.sleep(APART_MS - (clock.monotonic() - lastAtMs), signal);
    if (isAtRest((await present.look(terminal, signal)).verdict.state)) return lastAtMs;
  }
  await terminal.press(["C-c"], signal === undefined ? {} : { signal });
  return clock.monotonic();
}

const isAtRest = (state: string): boolean => state === "ready" || state === "limited";
