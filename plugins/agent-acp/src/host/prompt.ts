import type { ContentBlock } from "@agentclientprotocol/sdk";
import type { Prompt } from "./turns.ts";

/** For the user only. Agents that support audiences hide it from the model. */
const LEAD: ContentBlock = { type: "text", text: "Message: ", annotations: { audience: ["user"] } };

/** Characters with which agents mark their own commands. */
const COMMAND = /^\s*[/$!](\S*)/;

/**
 * A prompt as it is sent to the agent. One that begins with `/` is the agent's own command, which only a user at its terminal may mean.
 * OpenCode skips leading blanks, runs commands that it knows, and silently drops those that it doesn't. So another block is put before
 * it. Tested with OpenCode 1.18.33: the model gets only the text.
 */
export function promptBlocks({ text, from }: Prompt, commands: ReadonlySet<string>): ContentBlock[] {
  const words: ContentBlock = { type: "text", text };
  const command = COMMAND.exec(text)?.[1];
  const isMeant = from === "terminal" && command !== undefined && commands.has(command);
  return command === undefined || isMeant ? [words] : [LEAD, words];
}
