import { z } from "zod";
import { defineRequest } from "../define-request.ts";

/** The log's path. Whoever may not ask for it is not shown the log either. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  needsTerminal: true,
  params: z.object({}),
}).returns<{ path: string }>(async (app) => ({ data: { path: app.store.layout.daemonLog } }));
