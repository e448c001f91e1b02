import { Line, optionsParser, sharedOptions, Text } from "@agent-orchestrator/agent-kit/options";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";

/** `agentConfig` of this plugin. */
export const AcpOptions = z.strictObject({
  ...sharedOptions,
  /** The program that speaks ACP: its name, or the name with arguments. A name is looked up on the session's PATH. */
  command: z.union([Text.min(1), z.array(Text).min(1)]).optional(),
  /** One of the modes that the agent offers (`plan`, `code`, …). */
  mode: Line.optional(),
  /** The id of the agent's login method that may be used without a question. */
  auth: Line.optional(),
});
export type AcpOptions = z.infer<typeof AcpOptions>;

const EXAMPLE = "For example: `agentConfig: {command: opencode, args: [acp]}`.";

export const parseOptions = optionsParser("acp", AcpOptions, EXAMPLE);

/** The program and its arguments. Throws CONFIG if the config names none. */
export function commandOf({ command, args }: AcpOptions): string[] {
  if (command === undefined) {
    throw new AoError("CONFIG", "the agent `acp` has no command to run", { hint: EXAMPLE });
  }
  const words = typeof command === "string" ? plainWords(command) : command;
  if ((words[0] ?? "").trim() === "") throw new AoError("CONFIG", "agentConfig: command is empty", { hint: EXAMPLE });
  return [...words, ...args];
}

/** It is not run by a shell. Blanks separate, and shell syntax is refused. */
function plainWords(line: string): string[] {
  if (/["'\\`$|;&<>()]/.test(line)) {
    throw new AoError("CONFIG", `the agent's command has signs that only a shell understands: ${line}`, {
      hint: "Write it as a list: `command: [my agent, --flag]`.",
    });
  }
  return line.trim().split(/\s+/);
}
