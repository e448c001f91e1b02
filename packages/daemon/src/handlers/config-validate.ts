import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import { optionProblems } from "../agent-options.ts";
import type { Handler } from "../app.ts";
import { formatProblem } from "../config/problem.ts";
import { unknownAgents } from "../unknown-agents.ts";

export const params = z.object({});

export const run: Handler<"config-validate"> = async (app, _wanted, call) => {
  const instance = await app.configs.forCaller(call.caller);
  for (const [, error] of instance.brokenProjects) throw error;
  const unknown = await unknownAgents(app, instance);
  if (unknown.length > 0) {
    const names = Object.keys(instance.agents).join(", ");
    throw new AoError("CONFIG", unknown.join("\n"), {
      hint: `Run \`ao plugin list\` to see the plugins.${names === "" ? "" : ` The variants in \`agents:\` are ${names}.`}`,
    });
  }
  const wrong = await optionProblems(app, instance);
  if (wrong.length > 0) throw new AoError("CONFIG", wrong.join("\n"));
  return { data: { path: instance.path, warnings: instance.warnings.map((problem) => formatProblem(problem)) } };
};
