import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { DeliveryResult, OutgoingMessage } from "@agent-orchestrator/core/slots/agent";
import type { WithTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import { typed } from "./screen/typed.ts";
import { handFirstPrompt } from "./server/first-prompt.ts";
import { handOver } from "./server/hand-over.ts";
import { type Reached, reach } from "./server/reach.ts";
import { PermissionRequest, QuestionRequest, Status } from "./server/wire.ts";

export interface DeliverCall extends WithTerminal {
  session: Session;
  message: OutgoingMessage;
  clock: Clock;
}

/** For a program that starts on a busy machine. */
const REACH_MS = 90_000;
const PAUSE_MS = 300;

/** Nothing is typed while its server responds, so no draft is touched and no dialog can take the message. */
export async function deliver(call: DeliverCall): Promise<DeliveryResult> {
  const { session, clock, signal } = call;
  const until = clock.monotonic() + REACH_MS;
  const progress = { isPosted: false };
  for (;;) {
    try {
      return await deliverTo(await reach(session, { clock, signal }), call, progress);
    } catch (error) {
      signal?.throwIfAborted();
      if (!isAoError(error) || error.code !== "UNREACHABLE") throw error;
      if (clock.monotonic() > until) break;
    }
    await clock.sleep(PAUSE_MS, signal);
  }
  // It may have been accepted. Then its receipt comes with the event stream, or it is unconfirmed.
  return progress.isPosted ? { outcome: "written" } : typed(call);
}

async function deliverTo(
  reached: Reached,
  { session, message, clock, signal }: DeliverCall,
  progress: { isPosted: boolean },
): Promise<DeliveryResult> {
  await handFirstPrompt(session, reached, { clock, signal });
  const outcome = await handOver(reached, {
    session,
    message,
    clock,
    signal,
    mayGo: async () => !(await isAsking(reached, signal)),
    onPost: () => {
      progress.isPosted = true;
    },
  });
  return outcome === "held" ? { outcome: "deferred", because: "asking" } : { outcome };
}

/** An open dialog that its conversation still waits for. */
async function isAsking({ server }: Reached, signal: AbortSignal | undefined): Promise<boolean> {
  const [permissions, questions, statuses] = await Promise.all([
    server.get("/permission", z.array(PermissionRequest), { signal }),
    server.get("/question", z.array(QuestionRequest), { signal }),
    server.get("/session/status", z.record(z.string(), Status), { signal }),
  ]);
  const busy = (id: string): boolean => (statuses?.[id]?.type ?? "idle") !== "idle";
  return [...(permissions ?? []), ...(questions ?? [])].some(({ sessionID }) => busy(sessionID));
}
