import { z } from "zod";
import type { Handler } from "../app.ts";

export const params = z.object({});

/** The log's path. Whoever may not ask for it is not shown the log either. */
export const run: Handler<"logs"> = async (app) => ({ data: { path: app.store.layout.daemonLog } });
