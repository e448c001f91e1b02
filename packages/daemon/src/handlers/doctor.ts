import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { examine } from "../doctor/examine.ts";
import { fixPlaces } from "../doctor/fix.ts";

/** Looks for what is wrong with the installation, and repairs some of it with `fix`. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params: z.object({ fix: z.boolean().optional() }),
}).returns<DoctorRow[]>(async (app, { fix }, call) => {
  const done = fix === true ? await fixPlaces(app, call.caller) : [];
  return { data: [...done, ...(await examine(app, call.caller))] };
});
