import { unmetOf } from "@agent-orchestrator/core/decide/predecessors";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { State } from "@agent-orchestrator/core/model/state";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { sessionToChange } from "./shared/find.ts";

interface Result {
  target: string;
  isPaused: boolean;
  granted?: string[];
  /** It was queued for another session or issue, and no longer waits for it. */
  isReleased?: boolean;
}

/**
 * Pauses everything, one project or one session, or resumes it: no sends, starts or merges until then. `granted`:
 * sessions at a limit that may continue for a while. A queued session that is not paused stops waiting for others.
 */
export const request = defineRequest({
  access: "user",
  effect: "change",
  needsEnv: false,
  params: z.object({ target: z.string().optional(), isPaused: z.boolean() }),
}).returns<Result>(async (app, { target, isPaused }, call) => {
  const { known } = call.wish;
  if (known?.result !== undefined) return { data: known.result as unknown as Result };
  if (target === undefined) {
    const fits = () => true;
    return carryOut(app, call, {
      ...{ target: "everything", isPaused, fits },
      change: (state) => ({ ...state, isPaused }),
    });
  }
  const keys = Object.values(app.engine.state.projects)
    .filter(({ projectId }) => projectId === target)
    .map(({ key }) => key);
  if (keys.length > 0) {
    const fits = ({ projectId }: SessionRecord) => projectId === target;
    return carryOut(app, call, { target, isPaused, fits, change: (state) => pauseProjects(state, keys, isPaused) });
  }
  const session = await sessionToChange(app, target, call);
  const { id } = session;
  const isReleased = !isPaused && !session.isPaused && !session.limit && isWaiting(session);
  return carryOut(app, call, { target: id, isPaused, isReleased, fits: (one) => one.id === id, sessionId: id });
});

interface Pausing {
  target: string;
  isPaused: boolean;
  /** The sessions it is about. What a limit holds of them continues as well, as far as the grant allows. */
  fits(record: SessionRecord): boolean;
  change?: (state: State) => State;
  /** It waits for others, and nothing else holds it. */
  isReleased?: boolean;
  /** One session, which is told. */
  sessionId?: string;
}

const isWaiting = (record: SessionRecord): boolean => record.phase === "queued" && unmetOf(record).length > 0;

/** One commit for all of it. */
async function carryOut(app: App, call: Call, pausing: Pausing): Promise<{ data: Result }> {
  const { target, isPaused, isReleased = false, fits, change, sessionId } = pausing;
  const isHeld = (record: SessionRecord) => !isPaused && record.limit && fits(record);
  const granted = Object.values(app.engine.state.sessions).flatMap((record) => (isHeld(record) ? [record.id] : []));
  const more = { ...(granted.length === 0 ? {} : { granted }), ...(isReleased ? { isReleased } : {}) };
  const data: Result = { target, isPaused, ...more };
  const kept = call.wish.keep({ result: { ...data } }, change);
  if (sessionId !== undefined) app.engine.tell(sessionId, [{ kind: "wish-pause", isPaused }]);
  if (sessionId !== undefined && isReleased) app.engine.tell(sessionId, [{ kind: "wish-not-wait" }]);
  for (const id of granted) app.engine.tell(id, [{ kind: "wish-grant" }]);
  await kept;
  return { data };
}

function pauseProjects(state: State, keys: string[], isPaused: boolean): State {
  const projects = { ...state.projects };
  for (const key of keys) {
    const project = projects[key];
    if (project !== undefined) projects[key] = { ...project, isPaused };
  }
  return { ...state, projects };
}
