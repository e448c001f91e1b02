import type { CommandGroup, CommandSpec, OptionSpec } from "../command.ts";
import { GLOBAL_OPTIONS } from "../parse/global-options.ts";
import { table, wrap } from "./format.ts";

export const GROUP_TITLES: Record<CommandGroup, string> = {
  begin: "Begin",
  work: "Work with agents",
  look: "Look",
  finish: "Review and finish",
  agents: "For agents and hooks",
  "set-up": "Set up",
};

export const usageOf = (command: CommandSpec): string =>
  [
    "ao",
    command.name,
    ...(command.options === undefined ? [] : ["[options]"]),
    ...(command.args === undefined ? [] : [command.args]),
  ].join(" ");

export function overviewText(commands: readonly CommandSpec[], columns: number): string {
  const shown = commands.filter((command) => command.isHidden !== true);
  const names = Math.max(...shown.map((command) => command.name.length)) + 2;
  let text = wrap(
    "ao gives issues to coding agents, each in its own worktree and terminal, and tells you when you are needed.",
    columns,
  );
  for (const [group, title] of Object.entries(GROUP_TITLES)) {
    text += `\n${title}\n`;
    for (const command of shown.filter((candidate) => candidate.group === group)) {
      const [first = "", ...rest] = wrap(command.summary, Math.max(30, columns - names - 2))
        .trimEnd()
        .split("\n");
      text += `  ${command.name.padEnd(names)}${first}\n${rest.map((line) => `${" ".repeat(names + 2)}${line}\n`).join("")}`;
    }
  }
  return `${text}\n\`ao <command> --help\` has options and examples. Every command has --json, --yes and --config.\n`;
}

export function helpText(command: CommandSpec, columns: number): string {
  const parts = [`ao ${command.name}: ${command.summary}\n`, `Usage: ${usageOf(command)}\n`];
  if (command.details !== undefined) parts.push(wrap(command.details, Math.min(columns, 100)));
  parts.push(`Options:\n${optionTable([...(command.options ?? []), ...GLOBAL_OPTIONS])}`);
  const examples = command.examples.map(([line, what]) => [line, `# ${what}`]);
  parts.push(`Examples:\n${table(examples, { indent: "  " })}`);
  return parts.join("\n");
}

function optionTable(options: readonly OptionSpec[]): string {
  const rows = options.map(({ flags, text, complete }) => [
    flags.startsWith("--") ? `    ${flags}` : flags,
    Array.isArray(complete) ? `${text}: ${complete.join(", ")}` : text,
  ]);
  return table(rows, { indent: "  " });
}
