import { z } from "zod";
import type { Handler } from "../app.ts";

export const params = z.object({});

/** Gives way to a daemon of the caller's build. Running effects are finished, and agents are not affected. */
export const run: Handler<"replace"> = async (app) => {
  app.shutDown("replaced by another build");
  return { data: { replaced: true } };
};
