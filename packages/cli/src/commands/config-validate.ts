import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Context, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "config validate",
  group: "set-up",
  position: 70,
  summary: "Check the config and list every problem with its path and line",
  examples: [["ao config validate", "exits with 78 if there is a problem"]],
};

export const run: Run = async (_input, context) => {
  const { data, meta } = await ask(context);
  const warnings = data.warnings.map((warning) => `warning: ${oneLine(warning, 500)}\n`).join("");
  context.show(data, () => `${warnings}${oneLine(data.path)} has no problems\n`, meta);
  return 0;
};

/** Prints several problems on a line each, and counts them in the error. A single problem is the error itself. */
async function ask(context: Context) {
  try {
    return await context.ask("config-validate", {});
  } catch (error) {
    const problems = isAoError(error) && Array.isArray(error.details?.problems) ? error.details.problems : [];
    if (!isAoError(error) || context.isJson || problems.length < 2) throw error;
    for (const problem of problems) context.io.err(`${line(problem)}\n`);
    const [summary = "", ...lines] = error.message.split("\n");
    const rest = lines.slice(problems.length).map((more) => ` (${more.trim()})`);
    const { hint } = error;
    const more = hint === undefined ? {} : { hint };
    throw new AoError(error.code, `${summary.replace(/:$/, "")}${rest.join("")}`, { ...more, cause: error });
  }
}

function line(problem: unknown): string {
  if (typeof problem === "string") return cleanForTerminal(problem);
  const { file, line: at, path, message, suggestion } = problem as Record<string, unknown>;
  const where = [file, at].filter((part) => part !== undefined && part !== null && part !== 0).join(":");
  const what = [path, message].filter((part) => part !== undefined && part !== "").join(": ");
  return oneLine(
    `${where === "" ? "" : `${where}: `}${what}${suggestion === undefined ? "" : ` (${String(suggestion)})`}`,
    500,
  );
}
