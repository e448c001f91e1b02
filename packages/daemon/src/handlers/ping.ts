import { z } from "zod";
import type { Handler } from "../app.ts";

export const params = z.object({});

export const run: Handler<"ping"> = async (app) => ({ data: app.info });
