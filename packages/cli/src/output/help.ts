import { type Command, Help, type Option } from "commander";
import type { CommandGroup, Completion } from "../command.ts";
import type { SpecCommand, SpecOption } from "../parse/spec-command.ts";
import { widthOf, wrap } from "./format.ts";
import { PLUGIN_NAMES } from "./plugin-words.ts";

export const GROUP_TITLES: Record<CommandGroup, string> = {
  begin: "Get started",
  work: "Work with agents",
  look: "Inspect",
  finish: "Review and finish",
  agents: "For agents and hooks",
  "set-up": "Set up and maintain",
};

const MAX_COLUMNS = 100;

/** Commander's help, with two-word commands in full, aliases, known values, and examples. */
export class HelpText extends Help {
  /** Narrower descriptions than this are not wrapped. */
  override minWidthToWrap = 20;

  override prepareContext(context: { helpWidth?: number }): void {
    this.helpWidth = Math.min(context.helpWidth ?? 80, MAX_COLUMNS);
  }

  override formatHelp(command: SpecCommand, helper: HelpText): string {
    return `${super.formatHelp(command, helper)}${footer(command, this.helpWidth ?? 80)}`;
  }

  /** A family is listed by its members, such as those of `config`, which is no command itself. */
  override groupItems<T extends Command | Option>(unsorted: T[], visible: T[], groupOf: (item: T) => string) {
    const groups = super.groupItems(unsorted, visible, groupOf);
    for (const [title, items] of groups) groups.set(title, items.flatMap((item) => members(item)) as T[]);
    return groups;
  }

  override longestSubcommandTermLength(command: Command, helper: Help): number {
    const shown = helper.visibleCommands(command).flatMap((child) => members(child)) as Command[];
    return Math.max(0, ...shown.map((child) => helper.subcommandTerm(child).length));
  }

  override subcommandTerm(command: Command): string {
    return [(command as SpecCommand).path(), ...command.aliases()].join(", ");
  }

  override commandUsage(command: SpecCommand): string {
    return `ao ${command.path()} ${command.usage()}`.replace("  ", " ");
  }

  override commandDescription(command: SpecCommand): string {
    const { spec } = command;
    if (spec === null) return command.description();
    const also = command.aliases().map((alias) => `ao ${alias}`);
    const aliases = also.length === 0 ? [] : [`Also: ${also.join(", ")}`];
    return [sentence(spec.summary), ...(spec.details === undefined ? [] : [spec.details]), ...aliases].join("\n\n");
  }

  override optionDescription(option: Option): string {
    return withChoices(option.description, (option as Partial<SpecOption>).spec?.complete);
  }
}

function members(item: Command | Option): (Command | Option)[] {
  const children = "commands" in item ? item.commands : [];
  return children.length === 0 || (item as SpecCommand).spec !== null ? [item, ...children] : [...children];
}

/** A plugin of one's own may be another agent, so those are not listed. */
export function withChoices(text: string, complete: Completion | undefined): string {
  const words = complete === "runtime" || complete === "workspace" ? PLUGIN_NAMES[complete] : complete;
  return typeof words === "object" ? `${text}: ${words.join(", ")}` : text;
}

export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function footer(command: SpecCommand, columns: number): string {
  if (command.spec !== null) return `\nExamples:\n${examples(command.spec.examples, columns)}`;
  return `\n${wrap("`ao help <command>` shows the arguments, options and examples of a command.", columns)}`;
}

/** What an example does is shown next to it if all fit, and above it otherwise. */
function examples(all: readonly (readonly [string, string])[], columns: number): string {
  const width = Math.max(...all.map(([line]) => widthOf(line)));
  const isNarrow = all.some(([, what]) => width + 6 + widthOf(what) > columns);
  const text = (line: string, what: string) =>
    isNarrow ? `${wrap(`# ${what}`, columns, "  ")}  ${line}\n` : `  ${line.padEnd(width)}  # ${what}\n`;
  return all.map(([line, what]) => text(line, what)).join("");
}
