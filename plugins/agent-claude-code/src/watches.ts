import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import type { SessionWatch } from "./watch.ts";

/**
 * The current watches of all agents of this kind, by the session's folder. An edited config creates new plugins, and the watches of
 * running sessions stay.
 */
export const watches = new Map<string, SessionWatch>();

/** A daemon that has just started accepts requests a moment before it watches. */
const BEGIN_MS = 10_000;
const LOOK_MS = 50;

/** The watch of a session, once there is one. Throws TRY_AGAIN if there is none in time. */
export async function watchOf(session: Session, clock: Clock, signal?: AbortSignal): Promise<SessionWatch> {
  const end = clock.monotonic() + BEGIN_MS;
  for (;;) {
    const watch = watches.get(session.sessionDir);
    if (watch !== undefined) return watch;
    if (clock.monotonic() >= end) throw new AoError("TRY_AGAIN", `${session.id} is not being watched yet`);
    await clock.sleep(LOOK_MS, signal);
  }
}
