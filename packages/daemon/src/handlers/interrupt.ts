import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { idsOfWish, throwIfFailed, viewOf } from "./shared/find.ts";

/** Interrupts the turn of each agent. `kills`: also ends the processes that the interrupted tool call leaves running. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params: z.object({ sessions: z.array(z.string()).min(1), kills: z.boolean().optional() }),
}).returns<SessionView[]>(async (app, wanted, call) => {
  const ids = await idsOfWish(app, wanted.sessions, call);
  if (call.wish.known === null) {
    const kept = call.wish.keep({ sessionIds: ids });
    for (const id of ids)
      app.engine.tell(id, [{ kind: "wish-interrupt", ...(wanted.kills === true ? { kills: true } : {}) }]);
    await kept; // before that there is no intent to wait for
  }
  await app.engine.until(
    (state) => {
      for (const id of ids) throwIfFailed(app, { id, kind: "interrupt", wish: call.wish });
      return !Object.values(state.intents).some(
        ({ sessionId, action }) => action.kind === "interrupt" && sessionId !== null && ids.includes(sessionId),
      );
    },
    { signal: call.signal },
  );
  return { data: ids.map((id) => viewOf(app, id)) };
});
