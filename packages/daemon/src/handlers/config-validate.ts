import { z } from "zod";
import type { Handler } from "../app.ts";

export const params = z.object({});

export const run: Handler<"config-validate"> = async (app, _wanted, call) => {
  const instance = await app.configs.forCaller(call.caller);
  for (const [, error] of instance.brokenProjects) throw error;
  return { data: { path: instance.path, warnings: instance.warnings.map((problem) => problem.message) } };
};
