import type { DaemonInfo } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";

/** Who the daemon is, and whether it answers. */
export const request = defineRequest({
  access: "everyone",
  effect: "look",
  needsEnv: false,
  params: z.object({}),
}).returns<DaemonInfo>(async (app) => ({ data: app.info }));
