import { isWatched } from "@agent-orchestrator/core/engine/process-watch";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import { z } from "zod";
import type { App } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { endSessions } from "./kill.ts";

/** Stops the daemon. Agents keep running unless `sessions` is set. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params: z.object({ sessions: z.boolean().optional(), isConfirmed: z.boolean().optional() }),
}).returns<{ stopped: true; sessionsEnded: number }>(async (app, { sessions, isConfirmed }, call) => {
  const known = call.wish.known?.sessionIds;
  const living =
    known ?? Object.values(app.engine.state.sessions).flatMap((record) => (isUnderWay(record) ? [record.id] : []));
  if (sessions === true) {
    if (known === undefined && isConfirmed !== true && living.length > 0) {
      throw new AoError("REFUSED", `this would end ${living.length} running agents`, {
        hint: "Add --yes to go ahead.",
      });
    }
    await endSessions(app, living, { remove: false, call });
  }
  if (sessions === true) await clearTerminals(app);
  app.shutDown("asked by `ao stop`");
  return { data: { stopped: true, sessionsEnded: sessions === true ? living.length : 0 } };
});

/** Includes sessions that are starting: their agents would begin a moment later, with no daemon to end them. */
const isUnderWay = (record: SessionRecord): boolean => record.phase === "starting" || isWatched(record);

/** Terminals of ended programs stay to show their last output. With the sessions they are closed, and with them the runtime's server. */
async function clearTerminals(app: App): Promise<void> {
  for (const made of app.plugins.runtimes()) {
    const runtime = (await made.catch(() => null)) as Runtime | null; // it was never created
    for (const { handle } of (await runtime?.list?.()) ?? []) await runtime?.destroy(handle);
  }
}
