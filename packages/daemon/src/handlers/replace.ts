import { z } from "zod";
import type { Handler } from "../app.ts";

export const params = z.object({});

/** Hands over to a daemon of the caller's build. Running effects are finished, and agents are not touched. */
export const run: Handler<"replace"> = async (app) => {
  app.shutDown("replaced by another build");
  return { data: { replaced: true } };
};
