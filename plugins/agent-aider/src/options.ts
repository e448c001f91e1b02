import { Line, optionsParser, sharedOptions, wordsWith } from "@agent-orchestrator/agent-kit/options";
import { z } from "zod";

/** Options of aider that would take away what a managed session stands on. */
const NOT_FOR_ARGS: Readonly<Record<string, string>> = {
  "--message": "it ends aider after one turn",
  "--msg": "it ends aider after one turn",
  "-m": "it ends aider after one turn",
  "--message-file": "it ends aider after one turn",
  "-f": "it ends aider after one turn",
  "--exit": "it ends aider at once",
  "--gui": "it opens a browser instead of a terminal",
  "--browser": "it opens a browser instead of a terminal",
  "--chat-history-file": "ao reads that file to see what aider does",
  "--input-history-file": "ao reads that file to see what aider was told",
  "--notifications-command": "ao hears by it that aider waits",
  "--no-notifications": "ao hears by them that aider waits",
  "--no-fancy-input": "messages of several lines need it",
  "--multiline": "Enter would no longer send a message",
  "--yes-always": "say it with `permissions: auto` or `skip`",
};

/** `agentConfig` of this plugin. */
export const AiderOptions = z.strictObject({
  ...sharedOptions,
  /** After ours: where both name an option, aider takes the later one. */
  args: wordsWith((words) =>
    words.flatMap((word) => {
      const why = NOT_FOR_ARGS[word.split("=")[0] ?? ""];
      return why === undefined ? [] : [`${word} is not possible here: ${why}`];
    }),
  ).default([]),
  /** The program: a name on the session's PATH, or a path. */
  command: Line.default("aider"),
});
export type AiderOptions = z.infer<typeof AiderOptions>;

export const parseOptions = optionsParser("aider", AiderOptions);
