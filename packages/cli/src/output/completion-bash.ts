import type { CommandSpec, Completion } from "../command.ts";
import { families, fixedWords, optionsOf, partsOf } from "./completion-words.ts";

/** For bash 3.2 and newer, without bash-completion. */
export function bashScript(commands: readonly CommandSpec[]): string {
  const cases = commands.map((command) => `    ${JSON.stringify(command.name)})\n${commandCase(command)}      ;;\n`);
  return `# bash completion of ao; written by \`ao completion bash\`
_ao() {
  local cur prev first second command
  cur="\${COMP_WORDS[COMP_CWORD]}"
  prev="\${COMP_WORDS[COMP_CWORD-1]}"
  first="\${COMP_WORDS[1]}"
  second="\${COMP_WORDS[2]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${[...families(commands).keys()].join(" ")} help" -- "$cur"))
    return
  fi
  command="$first"
  case "$first" in
${seconds(commands)}  esac
  local words="" options="" values=""
  case "$command" in
${cases.join("")}  esac
  if [ -n "$values" ]; then words="$values"; else words="$words"; fi
  case "$cur" in -*) words="$options" ;; esac
  if [ "$words" = "@file" ]; then COMPREPLY=($(compgen -f -- "$cur")); return; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _ao ao
`;
}

function seconds(commands: readonly CommandSpec[]): string {
  let text = "";
  for (const [first, members] of families(commands)) {
    const words = members.map(({ name }) => name.split(" ")[1]).filter((word) => word !== undefined);
    if (words.length === 0) continue;
    text += `    ${first})\n      if [ "$COMP_CWORD" -eq 2 ]; then COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$cur")); return; fi\n`;
    text += `      command="$first $second"\n      ;;\n`;
  }
  return text;
}

function commandCase(command: CommandSpec): string {
  const options = optionsOf(command);
  const names = options.flatMap((option) => partsOf(option).names).join(" ");
  let text = `      options="${names}"\n      words="${wordsOf(command.complete)}"\n`;
  const valued = options.filter((option) => partsOf(option).takesValue);
  if (valued.length === 0) return text;
  text += `      case "$prev" in\n`;
  for (const option of valued) {
    // A value of which nothing is known: no words rather than wrong ones.
    text += `        ${partsOf(option).names.join("|")}) values="${wordsOf(option.complete) || " "}" ;;\n`;
  }
  return `${text}      esac\n`;
}

function wordsOf(complete: Completion | undefined): string {
  const fixed = fixedWords(complete);
  if (fixed !== null) return fixed.join(" ");
  return complete === "file" ? "@file" : `$(ao complete ${complete} 2>/dev/null)`;
}
