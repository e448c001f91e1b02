import type { CommandSpec, OptionSpec } from "../command.ts";
import { GLOBAL_OPTIONS } from "../parse/spec-command.ts";
import { GROUP_TITLES, sentence } from "./help.ts";

/** A page of documentation per group of commands, and an index: file name → Markdown. */
export function commandPages(all: readonly CommandSpec[]): Record<string, string> {
  const commands = all.filter((command) => command.isHidden !== true);
  const pages: Record<string, string> = { "README.md": indexPage(commands) };
  for (const [group, title] of Object.entries(GROUP_TITLES)) {
    const members = commands.filter((command) => command.group === group);
    pages[`${group}.md`] = `${NOTE}# ${title}\n\n${members.map(section).join("\n")}`;
  }
  return pages;
}

const NOTE = "<!-- Written by `npm run docs` from the command table. -->\n\n";

function indexPage(commands: readonly CommandSpec[]): string {
  const groups = Object.entries(GROUP_TITLES).map(([group, title]) => {
    const members = commands.filter((command) => command.group === group);
    const rows = members.map(
      ({ name, summary }) => `| [\`ao ${name}\`](${group}.md#${anchor(name)}) | ${cell(summary)} |\n`,
    );
    return `## ${title}\n\n| command | does |\n|---|---|\n${rows.join("")}`;
  });
  return `${NOTE}# Commands\n\nEvery command also has these options:\n\n${optionTable(GLOBAL_OPTIONS)}\n${groups.join("\n")}`;
}

function section(command: CommandSpec): string {
  const details = command.details === undefined ? "" : `${command.details}\n\n`;
  const options = command.options === undefined ? "" : `${optionTable(command.options)}\n`;
  const width = Math.max(...command.examples.map(([line]) => line.length));
  const examples = command.examples.map(([line, what]) => `${line.padEnd(width)}  # ${what}\n`).join("");
  return `## ao ${command.name}\n\n${sentence(command.summary)}\n\n    ${usage(command)}\n\n${details}${options}\`\`\`sh\n${examples}\`\`\`\n`;
}

function usage({ name, args, aliases = [] }: CommandSpec): string {
  const line = `ao ${name} [options]${args === undefined ? "" : ` ${args}`}`;
  return aliases.length === 0 ? line : `${line}\n\nAlso: ${aliases.map((alias) => `\`ao ${alias}\``).join(", ")}`;
}

function optionTable(options: readonly OptionSpec[]): string {
  const rows = options.map(({ flags, text, complete }) => {
    const words = Array.isArray(complete) ? `${text}: ${complete.join(", ")}` : text;
    return `| \`${cell(flags)}\` | ${cell(words)} |\n`;
  });
  return `| option | means |\n|---|---|\n${rows.join("")}`;
}

const cell = (text: string): string => text.replaceAll("|", "\\|");
const anchor = (name: string): string => `ao-${name.replaceAll(" ", "-")}`;
