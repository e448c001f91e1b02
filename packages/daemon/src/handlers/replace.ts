import { z } from "zod";
import type { Handler } from "../app.ts";

export const params = z.object({});

/** Makes room for a daemon of the caller's build: effects under way are finished, agents are not touched. */
export const run: Handler<"replace"> = async (app) => {
  app.shutDown("replaced by another build");
  return { data: { replaced: true } };
};
