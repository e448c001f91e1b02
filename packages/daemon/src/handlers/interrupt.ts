import { z } from "zod";
import type { Handler } from "../app.ts";
import { idsOfWish, throwIfFailed, viewOf } from "./find.ts";

export const params = z.object({ sessions: z.array(z.string()).min(1) });

export const run: Handler<"interrupt"> = async (app, wanted, call) => {
  const ids = await idsOfWish(app, wanted.sessions, call);
  if (call.wish.known === null) {
    const kept = call.wish.keep({ sessionIds: ids });
    for (const id of ids) app.engine.tell(id, [{ kind: "wish-interrupt" }]);
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
};
