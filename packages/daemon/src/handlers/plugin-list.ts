import { z } from "zod";
import type { Handler } from "../app.ts";

export const params = z.object({});

export const run: Handler<"plugin-list"> = async (app, _wanted, call) => ({
  data: await app.configs.plugins(call.caller),
});
