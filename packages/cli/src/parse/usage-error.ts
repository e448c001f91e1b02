import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SpecCommand } from "./spec-command.ts";

/** What commander refuses, as an error with a hint. `message` is commander's: `error: …`, with its suggestion on a second line. */
export function usageError(command: SpecCommand, { message, code }: { message: string; code: string }): AoError {
  const [first = "", second = ""] = message.replace(/^error: /, "").split("\n");
  const path = command.path();
  const near = /^\(Did you mean (?:one of )?(.+)\?\)$/.exec(second)?.[1]?.split(", ") ?? [];
  const said = { text: first, hint: path === "" ? "See `ao help`." : `See \`ao ${path} --help\`.` };
  if (code === "commander.unknownCommand") {
    said.text = `unknown command: ${[path, ...command.args.slice(0, 1)].join(" ").trim()}`;
    if (near.length > 0) said.hint = didYouMean(near.map((name) => `\`ao ${`${path} ${name}`.trim()}\``));
  }
  if (code === "commander.unknownOption") {
    if (near.length > 0) said.hint = didYouMean(near);
    else if (takesText(command))
      said.hint = `To pass it as text, put \`--\` before it: \`ao ${path} ${behindDashes(command)}\`.`;
  }
  if (code === "commander.optionMissingArgument") said.text = first.replace(/argument missing$/, "needs a value");
  if (code === "commander.missingArgument") said.text = first.replace(/required argument '(.*)'/, "argument: $1");
  if (code === "commander.excessArguments") {
    return unexpectedArgument(command.args[command.registeredArguments.length] ?? "", said.hint);
  }
  return new AoError("USAGE", said.text, { hint: said.hint });
}

export const unexpectedArgument = (word: string, hint: string): AoError =>
  new AoError("USAGE", `unexpected argument: ${JSON.stringify(word)}`, { hint });

const didYouMean = (names: readonly string[]): string => `Did you mean ${names.join(" or ")}?`;

/** Its words are for an agent or another program, and may begin with `-`. */
const takesText = (command: SpecCommand): boolean =>
  command.registeredArguments.some((argument) => argument.variadic && !argument.required);

/** `<session> -- <text>` */
function behindDashes({ registeredArguments }: SpecCommand): string {
  const names = registeredArguments.map((argument) => `<${argument.name()}>`);
  return [...names.slice(0, -1), "--", ...names.slice(-1)].join(" ");
}
