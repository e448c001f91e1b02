import { z } from "zod";
import type { Handler } from "../app.ts";

export const params = z.object({});

/** The effective config: layers merged, defaults filled in, secrets masked. */
export const run: Handler<"config-show"> = async (app, _wanted, call) => {
  const instance = await app.configs.forCaller(call.caller);
  return { data: { path: instance.path, config: app.configs.shown(instance) } };
};
