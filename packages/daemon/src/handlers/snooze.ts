import { refusalOfSnooze } from "@agent-orchestrator/core/decide/refusals";
import { throwIfRefused } from "@agent-orchestrator/core/model/refusal";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { noteAttended, sessionOfWish, viewOf } from "./shared/find.ts";

/** Hides what a session needs the user for until a time, or shows it again (null). `cause`: only if that is still what it needs. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  needsEnv: false,
  params: z.object({
    session: z.string(),
    until: z.iso.datetime().nullable(),
    cause: z.string().max(65_536).optional(),
  }),
}).returns<SessionView>(async (app, { session, until, cause }, call) => {
  const record = await sessionOfWish(app, session, call);
  if (call.wish.known !== null) return { data: viewOf(app, record.id) };
  if (until !== null) throwIfRefused(refusalOfSnooze(record, { until, cause, nowMs: app.world.clock.now() }));
  const kept = call.wish.keep({ sessionIds: [record.id] });
  app.engine.tell(record.id, [{ kind: "wish-snooze", ends: until }]);
  if (until !== null) noteAttended(app, record, call);
  await kept;
  return { data: viewOf(app, record.id) };
});
