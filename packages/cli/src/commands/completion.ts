import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CommandSpec, Run } from "../command.ts";
import { bashScript } from "../output/completion-bash.ts";
import { fishScript } from "../output/completion-fish.ts";
import { zshScript } from "../output/completion-zsh.ts";
import { COMMANDS } from "../table.ts";

export const spec: CommandSpec = {
  name: "completion",
  group: "set-up",
  position: 140,
  summary: "Print the completion script for a shell",
  args: "<shell>",
  complete: ["bash", "zsh", "fish"],
  examples: [
    ['eval "$(ao completion bash)"', "in ~/.bashrc"],
    ["ao completion zsh > ~/.zfunc/_ao", "if fpath has ~/.zfunc"],
    ["ao completion fish > ~/.config/fish/completions/ao.fish", "once"],
  ],
};

const SCRIPTS: Record<string, typeof bashScript> = { bash: bashScript, zsh: zshScript, fish: fishScript };

export const run: Run = async (input, context) => {
  const shell = input.args[0] ?? "";
  const script = SCRIPTS[shell];
  if (script === undefined) throw new AoError("USAGE", `unknown shell: ${shell}`, { hint: "Use bash, zsh or fish." });
  const text = script(COMMANDS.filter((command) => command.isHidden !== true));
  context.show({ shell, script: text }, () => ({ verbatim: text }));
  return 0;
};
