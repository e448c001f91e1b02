import { z } from "zod";
import { configFindings } from "../config/findings.ts";
import { formatProblem, problemsError } from "../config/problem.ts";
import { defineRequest } from "../define-request.ts";

/** Throws CONFIG with everything that a spawn would refuse. Starts nothing. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  params: z.object({}),
}).returns<{ path: string; warnings: string[] }>(async (app, _wanted, call) => {
  const instance = await app.configs.forCaller(call.caller);
  const { problems, warnings } = await configFindings(app, instance);
  if (problems.length > 0) throw problemsError(problems);
  const told = [...instance.warnings, ...warnings];
  return { data: { path: instance.path, warnings: told.map((problem) => formatProblem(problem)) } };
});
