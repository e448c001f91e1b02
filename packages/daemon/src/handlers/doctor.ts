import { z } from "zod";
import type { Handler } from "../app.ts";
import { examine } from "../doctor/examine.ts";
import { fixPlaces } from "../doctor/fix.ts";

export const params = z.object({ fix: z.boolean().optional() });

export const run: Handler<"doctor"> = async (app, { fix }, call) => {
  const done = fix === true ? await fixPlaces(app, call.caller) : [];
  return { data: [...done, ...(await examine(app, call.caller))] };
};
