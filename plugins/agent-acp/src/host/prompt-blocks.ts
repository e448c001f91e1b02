import type { ContentBlock } from "@agentclientprotocol/sdk";
import type { Prompt } from "./turns.ts";

/** For the human's eyes: agents that know audiences keep it from the model. */
const LEAD: ContentBlock = { type: "text", text: "Message: ", annotations: { audience: ["user"] } };

/** Signs by which agents tell a command of their own from words. */
const COMMAND = /^\s*[/$!](\S*)/;

/**
 * A prompt as it goes to the agent. One that begins with `/` is a command of the agent's: that is what a human at its terminal may mean,
 * and nobody else does. OpenCode looks past blanks in front, runs what it knows, and drops what it does not know without a word; so another
 * block stands before it. Tried with OpenCode 1.18.33: the model gets the words alone.
 */
export function promptBlocks({ text, from }: Prompt, commands: ReadonlySet<string>): ContentBlock[] {
  const words: ContentBlock = { type: "text", text };
  const command = COMMAND.exec(text)?.[1];
  const isMeant = from === "terminal" && command !== undefined && commands.has(command);
  return command === undefined || isMeant ? [words] : [LEAD, words];
}
