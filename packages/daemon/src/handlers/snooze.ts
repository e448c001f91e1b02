import { causeOfAttention } from "@agent-orchestrator/core/decide/snooze";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { MAX_SNOOZE_MS } from "@agent-orchestrator/core/model/snooze";
import { at } from "@agent-orchestrator/core/model/time";
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
  const now = causeOfAttention(record);
  if (until !== null) {
    const leftMs = at(until) - app.world.clock.now();
    if (leftMs <= 0) throw new AoError("USAGE", "that time has passed");
    if (leftMs > MAX_SNOOZE_MS) throw new AoError("USAGE", "nothing can be snoozed for more than 7 days");
    if (now === null) throw new AoError("REFUSED", `${record.id} does not need you now`);
    if (cause !== undefined && cause !== now) {
      throw new AoError("REFUSED", `${record.id} needs you for something else now: ${record.attention?.reason}`);
    }
  }
  const kept = call.wish.keep({ sessionIds: [record.id] });
  app.engine.tell(record.id, [{ kind: "wish-snooze", ends: until }]);
  if (until !== null) noteAttended(app, record, call);
  await kept;
  return { data: viewOf(app, record.id) };
});
