import { z } from "zod";
import type { Handler } from "../app.ts";
import { idsToChange, throwIfFailed, viewOf } from "./find.ts";

export const params = z.object({ sessions: z.array(z.string()).min(1) });

export const run: Handler<"interrupt"> = async (app, wanted, call) => {
  const ids = await idsToChange(app, wanted.sessions, call);
  const before = new Map(ids.map((id) => [id, app.engine.failure(id, "interrupt")]));
  for (const id of ids) app.engine.tell(id, [{ kind: "wish-interrupt" }]);
  await app.engine.settled(); // before that there is no intent to wait for
  await app.engine.until(
    (state) => {
      for (const id of ids) throwIfFailed(app, { id, kind: "interrupt", before: before.get(id) ?? null });
      return !Object.values(state.intents).some(
        ({ sessionId, action }) => action.kind === "interrupt" && sessionId !== null && ids.includes(sessionId),
      );
    },
    { signal: call.signal },
  );
  return { data: ids.map((id) => viewOf(app, id)) };
};
