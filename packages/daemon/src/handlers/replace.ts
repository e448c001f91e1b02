import { z } from "zod";
import { defineRequest } from "../define-request.ts";

/** Gives way to a daemon of the caller's build. Running effects are finished, and agents are not affected. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  needsTerminal: true,
  params: z.object({}),
}).returns<{ replaced: true }>(async (app) => {
  app.shutDown("replaced by another build");
  return { data: { replaced: true } };
});
