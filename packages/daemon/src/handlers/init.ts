import { z } from "zod";
import type { Handler } from "../app.ts";
import { initHere } from "../init-here.ts";

export const params = z.object({ path: z.string().optional(), isDryRun: z.boolean().optional() });

/** Writes a config for the caller's repository and trusts what it wrote. */
export const run: Handler<"init"> = async (app, wanted, call) => {
  const made = await initHere(app, call, wanted);
  return { data: made };
};
