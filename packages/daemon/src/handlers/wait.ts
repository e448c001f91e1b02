import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { ENDED, SessionStatus } from "@agent-orchestrator/core/model/status";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { sessionOf, viewOf } from "./shared/find.ts";

/** Waits until the session has one of the statuses, now or at any time since the call. Any other end is an error. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  params: z.object({
    session: z.string(),
    until: z.array(z.string()).min(1),
    timeoutMs: z.number().int().min(0).optional(),
  }),
}).returns<SessionView>(async (app, wanted, call) => {
  const record = await sessionOf(app, wanted.session, call);
  const unknown = wanted.until.find((status) => !SessionStatus.safeParse(status).success);
  if (unknown !== undefined) {
    throw new AoError("USAGE", `no such status: ${unknown}`, { hint: `One of ${SessionStatus.options.join(", ")}.` });
  }
  const late = wanted.timeoutMs === undefined ? null : AbortSignal.timeout(wanted.timeoutMs);
  try {
    await app.engine.until(
      (state) => {
        const now = state.sessions[record.id];
        if (now === undefined) throw new AoError("NOT_FOUND", `${record.id} is gone`);
        if (wanted.until.includes(now.status)) return true;
        if (ENDED.has(now.status)) {
          throw new AoError("ENDED_OTHERWISE", `${record.id} is ${now.status}: ${now.ending?.reason ?? ""}`);
        }
        return false;
      },
      { signal: late === null ? call.signal : AbortSignal.any([late, call.signal]) },
    );
  } catch (error) {
    if (late?.aborted !== true) throw error;
    throw new AoError(
      "TRY_AGAIN",
      `${record.id} is ${app.engine.state.sessions[record.id]?.status}, not ${wanted.until.join(" or ")}`,
    );
  }
  return { data: viewOf(app, record.id) };
});
