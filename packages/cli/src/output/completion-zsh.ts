import type { CommandSpec, Completion, OptionSpec } from "../command.ts";
import { families, fixedWords, optionsOf, partsOf } from "./completion-words.ts";

/** For `compinit`, as a file `_ao` in fpath or through `eval`. */
export function zshScript(commands: readonly CommandSpec[]): string {
  const firsts = [...families(commands)].map(([first, members]) => `    ${quote(`${first}:${describe(members)}`)}`);
  return `#compdef ao
# zsh completion of ao; written by \`ao completion zsh\`
_ao_ask() {
  local -a found
  found=(\${(f)"$(ao complete $1 2>/dev/null)"})
  (( $#found )) && compadd -- $found
}
_ao() {
  local -a commands
  local line state curcontext="$curcontext"
  commands=(
${firsts.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands 'ao command' commands
    return
  fi
  local command="$words[2]"
  case "$command" in
${seconds(commands)}  esac
  shift words
  (( CURRENT-- ))
  case "$command" in
${commands.map(commandCase).join("")}  esac
}
if [ "$funcstack[1]" = "_ao" ]; then _ao "$@"; else compdef _ao ao; fi
`;
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const plain = (text: string): string => text.replace(/[[\]:`']/g, "");

function describe(members: readonly CommandSpec[]): string {
  const [only] = members;
  return members.length === 1 && only !== undefined
    ? plain(only.summary)
    : members.map(({ name }) => name.split(" ")[1]).join(", ");
}

function seconds(commands: readonly CommandSpec[]): string {
  let text = "";
  for (const [first, members] of families(commands)) {
    const words = members.map(({ name }) => name.split(" ")[1]).filter((word) => word !== undefined);
    if (words.length === 0) continue;
    text += `    ${first})\n      if (( CURRENT == 3 )); then compadd -- ${words.join(" ")}; return; fi\n`;
    text += `      command="$words[2] $words[3]"\n      shift words\n      (( CURRENT-- ))\n      ;;\n`;
  }
  return text;
}

function commandCase(command: CommandSpec): string {
  const specs = [...optionsOf(command).flatMap(optionSpecs), quote(`*:word:${action(command.complete)}`)];
  return `    ${quote(command.name)})\n      _arguments ${specs.join(" \\\n        ")}\n      ;;\n`;
}

function optionSpecs(option: OptionSpec): string[] {
  const { names, takesValue } = partsOf(option);
  const many = option.isList === true ? "*" : "";
  return names.map((name) =>
    quote(`${many}${name}[${plain(option.text)}]${takesValue ? `:value:${action(option.complete)}` : ""}`),
  );
}

function action(complete: Completion | undefined): string {
  const fixed = fixedWords(complete);
  if (fixed !== null) return fixed.length === 0 ? " " : `(${fixed.join(" ")})`;
  return complete === "file" ? "_files" : `{_ao_ask ${complete}}`;
}
