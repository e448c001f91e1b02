import { answerWithin } from "@agent-orchestrator/core/host/deadline";
import { joinSignals } from "@agent-orchestrator/core/host/signals";
import type { App, Call } from "../app.ts";

/** How long a request waits for a tracker, scm or notifier. */
const ANSWER_MS = 60_000;

/** Asks a plugin for a request: until the time is up (UNREACHABLE), the caller hangs up, or the daemon stops (TRY_AGAIN). */
export async function askPlugin<T>(
  { app, call }: { app: App; call: Pick<Call, "signal"> },
  whom: string,
  question: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const given = joinSignals(call.signal, app.stopping);
  try {
    return await answerWithin(question, { whom, timeoutMs: ANSWER_MS, clock: app.world.clock, signal: given.signal });
  } finally {
    given.release();
  }
}
