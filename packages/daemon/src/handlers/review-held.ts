import { heldComments } from "@agent-orchestrator/core/decide/held-comments";
import type { HeldComment } from "@agent-orchestrator/core/model/session-view";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { noteLook, sessionOf } from "./shared/find.ts";

/** The comments on a pull request that wait for the user, because their authors may not instruct the agent. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  params: z.object({ session: z.string() }),
}).returns<HeldComment[]>(async (app, { session }, call) => {
  const record = await sessionOf(app, session, call);
  noteLook(app, record, call);
  return { data: heldComments(record, app.world.decideContext(record)) };
});
