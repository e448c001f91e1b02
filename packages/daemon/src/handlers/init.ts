import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { initHere } from "../init/init-here.ts";

/** Writes a config for the caller's repository and trusts what it wrote. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  needsTerminal: true,
  params: z.object({ path: z.string().optional(), isDryRun: z.boolean().optional() }),
}).returns<{ path: string; text: string; notes: string[] }>(async (app, wanted, call) => {
  const made = await initHere(app, call, wanted);
  return { data: made };
});
