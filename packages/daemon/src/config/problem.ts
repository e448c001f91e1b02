import { basename } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";

/** One thing that is wrong (or has no effect) in a config file. */
export interface Problem {
  /** Absolute path of the file. */
  file: string;
  /** 1-based. 0 means the whole file. */
  line: number;
  column: number;
  /** `projects.my-app.agnt`. Empty for the whole file. */
  path: string;
  message: string;
  /** What to write instead, as a separate sentence. */
  suggestion?: string;
}

/** More than this many are counted, not listed. */
const LISTED = 100;

/** `agent-orchestrator.yaml:7: projects.my-app.agnt: unknown key; did you mean \`agent\`?` */
export function formatProblem(problem: Problem, fileName = basename(problem.file)): string {
  const where = problem.line > 0 ? `${fileName}:${problem.line}` : fileName;
  const path = problem.path === "" ? "" : ` ${problem.path}:`;
  const tail = problem.suggestion === undefined ? "" : `; ${problem.suggestion}`;
  return oneLine(`${where}:${path} ${problem.message}${tail}`, 600);
}

/** In the order of the file. */
export function inFileOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** All problems as one error. Every command that needs the config fails with it. */
export function problemsError(problems: readonly Problem[]): AoError {
  const lines = problems.slice(0, LISTED).map((problem) => formatProblem(problem));
  if (problems.length > LISTED) lines.push(`… and ${problems.length - LISTED} more`);
  const [first] = lines;
  const message =
    problems.length === 1 && first !== undefined
      ? first
      : `the config has ${problems.length} problems:\n${lines.map((line) => `  ${line}`).join("\n")}`;
  return new AoError("CONFIG", message, {
    hint: "Correct the file, then run `ao config validate`. `ao config schema` describes every key.",
    details: { problems: problems.slice(0, LISTED) },
  });
}
