import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { SessionWatch } from "./watch.ts";

const TRIES = 3;
const LOOKS = 15;
const LOOK_MS = 100;

/** Escape, until the turn is over. An idle program gets none: there it means something else. */
export async function interrupt(of: {
  watch: SessionWatch;
  terminal: AgentTerminal;
  clock: Clock;
  signal: AbortSignal | undefined;
}): Promise<void> {
  const { watch, terminal, clock, signal } = of;
  const isAtWork = () => ["busy", "waiting"].includes(watch.statusNow()?.status ?? "busy");
  if (!isAtWork()) return;
  const knows = watch.statusNow() !== null;
  for (let tries = 0; tries < TRIES; tries++) {
    watch.interrupting();
    await terminal.press(["Escape"], signal === undefined ? {} : { signal });
    if (!knows) return;
    for (let look = 0; look < LOOKS; look++) {
      await clock.sleep(LOOK_MS, signal);
      if (!isAtWork()) return watch.poke();
    }
  }
  throw new AoError("UNREACHABLE", "the agent goes on although it was interrupted", {
    hint: "Look with `ao attach`.",
  });
}
