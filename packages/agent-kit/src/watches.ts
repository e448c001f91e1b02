import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import { until } from "./until.ts";

/** A daemon that has just started accepts requests a moment before it watches. */
const BEGIN_MS = 10_000;
const LOOK_MS = 50;

/** The watches of the sessions that are observed now. */
export interface Watches<W extends AgentObservation> {
  get(session: Session): W | undefined;
  /** The session's watch from now on, until the observation is stopped, which also stops the watch. */
  keep(session: Session, watch: W): AgentObservation;
  /** The session's watch, once there is one. Throws TRY_AGAIN if there is none within ten seconds. */
  wait(session: Session, by: { clock: Clock; signal?: AbortSignal | undefined }): Promise<W>;
}

/** A registry by the session's folder. The newest watch of a session counts. */
export function createWatches<W extends AgentObservation>(): Watches<W> {
  const watches = new Map<string, W>();
  return {
    get: ({ sessionDir }) => watches.get(sessionDir),
    keep({ sessionDir }, watch) {
      watches.set(sessionDir, watch);
      return {
        hint: (fact) => watch.hint(fact),
        async stop() {
          if (watches.get(sessionDir) === watch) watches.delete(sessionDir);
          await watch.stop();
        },
      };
    },
    async wait({ id, sessionDir }, by) {
      const watch = await until(() => watches.get(sessionDir) ?? null, { ...by, ms: BEGIN_MS, everyMs: LOOK_MS });
      if (watch === null) throw new AoError("TRY_AGAIN", `${id} is not being watched yet`);
      return watch;
    },
  };
}
