import { z } from "zod";
import type { Handler } from "../app.ts";
import { maskSecrets } from "../config/interpolate.ts";

export const params = z.object({});

/** What only the daemon needs. */
const HIDDEN = { brokenProjects: undefined, policies: undefined, trust: undefined, pluginParts: undefined };

/** The effective config: layers merged, defaults filled in, secrets masked. */
export const run: Handler<"config-show"> = async (app, _wanted, call) => {
  const instance = await app.configs.forCaller(call.caller);
  return { data: { path: instance.path, config: maskSecrets({ ...instance, ...HIDDEN }) } };
};
