import { explain } from "@agent-orchestrator/core/decide/explain";
import { z } from "zod";
import type { Handler } from "../app.ts";
import { sessionOf, viewOf } from "./find.ts";

export const params = z.object({ session: z.string() });

export const run: Handler<"explain"> = async (app, wanted) => {
  const record = sessionOf(app, wanted.session);
  const told = explain(record, app.world.decideContext(record));
  const pending = Object.values(app.engine.state.intents)
    .filter(({ sessionId }) => sessionId === record.id)
    .map(({ action, at }) => `${action.kind} since ${at}`);
  return { data: { session: viewOf(app, record.id), ...told, pending } };
};
