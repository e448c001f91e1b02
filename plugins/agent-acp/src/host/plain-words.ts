import type { Prompt } from "./turns.ts";

/**
 * A prompt as it goes to the agent. One that begins with `/` is a command of the agent's: that is what a human at its terminal may mean,
 * and nobody else does. OpenCode looks past blanks in front, runs what it knows, and drops what it does not know without a word.
 */
export function plainWords({ text, from }: Prompt, commands: ReadonlySet<string>): string {
  const command = /^\s*\/(\S*)/.exec(text)?.[1];
  if (command === undefined || (from === "terminal" && commands.has(command))) return text;
  return `Message: ${text}`;
}
