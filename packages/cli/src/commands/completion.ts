import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Run } from "../command.ts";
import { bashScript } from "../output/completion-bash.ts";
import { fishScript } from "../output/completion-fish.ts";
import { zshScript } from "../output/completion-zsh.ts";
import { COMMANDS } from "../table/index.ts";

const SCRIPTS: Record<string, typeof bashScript> = { bash: bashScript, zsh: zshScript, fish: fishScript };

export const run: Run = async (input, context) => {
  const shell = input.args[0] ?? "";
  const script = SCRIPTS[shell];
  if (script === undefined) throw new AoError("USAGE", `unknown shell: ${shell}`, { hint: "Use bash, zsh or fish." });
  const text = script(COMMANDS.filter((command) => command.isHidden !== true));
  context.show({ shell, script: text }, () => ({ verbatim: text }));
  return 0;
};
