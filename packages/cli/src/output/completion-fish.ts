import type { CommandSpec, Completion, OptionSpec } from "../command.ts";
import { families, fixedWords, optionsOf, partsOf } from "./completion-words.ts";

export function fishScript(commands: readonly CommandSpec[]): string {
  const lines = ["# fish completion of ao; written by `ao completion fish`", "complete -c ao -f"];
  for (const [first, members] of families(commands)) {
    const [only] = members;
    const text = members.length === 1 && only !== undefined ? only.summary : members.map(({ name }) => name).join(", ");
    lines.push(`complete -c ao -n __fish_use_subcommand -a ${first} -d ${quote(text)}`);
    for (const { name, summary } of members) {
      const second = name.split(" ")[1];
      if (second === undefined) continue;
      const others = members.map((member) => member.name.split(" ")[1]).join(" ");
      lines.push(
        `complete -c ao -n '__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${others}' -a ${second} -d ${quote(summary)}`,
      );
    }
  }
  for (const command of commands) lines.push(...commandLines(command));
  return `${lines.join("\n")}\n`;
}

const quote = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;

function commandLines(command: CommandSpec): string[] {
  const seen = command.name
    .split(" ")
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join("; and ");
  const condition = `-n '${seen}'`;
  const lines = optionsOf(command).map((option) => `complete -c ao ${condition} ${optionWords(option)}`);
  const words = argumentsOf(command.complete);
  return words === "" ? lines : [...lines, `complete -c ao ${condition} ${words}`];
}

function optionWords(option: OptionSpec): string {
  const { names, takesValue } = partsOf(option);
  const flags = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const need = option.complete === "file" ? "-r" : "-x";
  const value = takesValue ? ` ${need} ${argumentsOf(option.complete)}`.trimEnd() : "";
  return `${flags.join(" ")}${value === "" ? "" : ` ${value.trim()}`} -d ${quote(option.text)}`;
}

function argumentsOf(complete: Completion | undefined): string {
  const fixed = fixedWords(complete);
  if (fixed !== null) return fixed.length === 0 ? "" : `-a ${quote(fixed.join(" "))}`;
  return complete === "file" ? "-F" : `-a '(ao complete ${complete} 2>/dev/null)'`;
}
