import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { commandsOf } from "@agent-orchestrator/plugin-kit/commands/shell-line";

/** A shell line of a config, and where it is written. */
export interface NamedLine {
  /** `postCreate`, `scm.ci.test`. */
  where: string;
  line: string;
}

export interface MissingProgram {
  program: string;
  /** The lines that need it. */
  where: string[];
}

/** Built into every shell. */
const BUILTINS = new Set(
  ". : [ alias bg break cd command continue echo eval exec exit export false fc fg getopts hash jobs kill printf pwd read readonly return set shift test times trap true type ulimit umask unalias unset wait source".split(
    " ",
  ),
);

/** They make a line more than a list of commands. */
const KEYWORDS = new Set(["if", "while", "until", "for", "case", "select", "function", "time", "coproc", "[["]);

/**
 * The programs that these lines begin with and that this PATH lacks. Nothing is run. Reports only what is certain: in each line,
 * what runs before another program could install it, and nothing for a line that is more than plain commands.
 */
export function missingPrograms(lines: readonly NamedLine[], path: string | undefined): MissingProgram[] {
  const missing = new Map<string, string[]>();
  for (const { where, line } of lines) {
    const program = firstProgram(line);
    if (program === null || isProgram(program, path)) continue;
    const places = missing.get(program) ?? [];
    if (!places.includes(where)) missing.set(program, [...places, where]);
  }
  return [...missing].map(([program, where]) => ({ program, where }));
}

/** A path below the checkout is not a program of this machine. */
function firstProgram(line: string): string | null {
  const commands = commandsOf(withoutVariables(line)) ?? [];
  if (commands.some(([word = ""]) => KEYWORDS.has(word))) return null;
  const first = commands.map(([word = ""]) => word).find((word) => !BUILTINS.has(word));
  return first === undefined || (first.includes("/") && !isAbsolute(first)) ? null : first;
}

/** `CI=1 npm test` runs npm. A line that sets PATH decides for itself where it looks. */
function withoutVariables(line: string): string {
  const set = /^\s*(?:[A-Za-z_]\w*=[\w./:@,+-]*[ \t]+)+/.exec(line)?.[0] ?? "";
  return /\bPATH=/.test(set) ? "" : line.slice(set.length);
}

export function isProgram(program: string, path: string | undefined): boolean {
  if (isAbsolute(program)) return isExecutable(program);
  const folders = (path ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // Missing or not accessible, so not usable either way.
    return false;
  }
}
