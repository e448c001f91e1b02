import { z } from "zod";
import { maskSecrets } from "../config/interpolate.ts";
import { defineRequest } from "../define-request.ts";

/** What only the daemon needs. */
const HIDDEN = { brokenProjects: undefined, policies: undefined, trust: undefined, pluginParts: undefined };

/** The effective config: layers merged, defaults filled in, secrets masked. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  params: z.object({}),
}).returns<{ path: string; config: unknown }>(async (app, _wanted, call) => {
  const instance = await app.configs.forCaller(call.caller);
  return { data: { path: instance.path, config: maskSecrets({ ...instance, ...HIDDEN }) } };
});
