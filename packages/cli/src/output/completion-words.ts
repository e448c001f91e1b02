import type { CommandSpec, Completion, OptionSpec } from "../command.ts";
import { GLOBAL_OPTIONS } from "../parse/global-options.ts";
import { SESSION_STATUSES } from "./statuses.ts";

/** `-m, --message <text>` → its names, and whether a value follows. */
export function partsOf({ flags }: OptionSpec): { names: string[]; takesValue: boolean } {
  const names = flags.split(/[ ,]+/).filter((word) => word.startsWith("-"));
  return { names, takesValue: flags.includes("<") };
}

export const optionsOf = (command: CommandSpec): OptionSpec[] => [...(command.options ?? []), ...GLOBAL_OPTIONS];

/** Words known beforehand; null for those that have to be asked for or are files. */
export function fixedWords(complete: Completion | undefined): readonly string[] | null {
  if (complete === undefined) return [];
  if (complete === "status") return SESSION_STATUSES;
  if (complete === "agent") return ["acp", "aider", "claude-code", "codex", "command", "opencode"];
  return typeof complete === "string" ? null : complete;
}

/** First words, each with the second words it has. */
export function families(commands: readonly CommandSpec[]): Map<string, CommandSpec[]> {
  const found = new Map<string, CommandSpec[]>();
  for (const command of commands) {
    const [first = ""] = command.name.split(" ");
    found.set(first, [...(found.get(first) ?? []), command]);
  }
  return found;
}
