import { Line, optionsParser, sharedOptions, wordsWith } from "@agent-orchestrator/agent-kit/options";
import { z } from "zod";

/** Arguments that `ao` sets itself, or that would take the program out of its terminal, and what to do instead. */
const OWN: Readonly<Record<string, string>> = {
  "--permission-mode": "set `permissions`",
  "--dangerously-skip-permissions": "set `permissions: skip`",
  "--allow-dangerously-skip-permissions": "set `permissions: skip`",
  "--model": "set `model`",
  "--settings": "put them into Claude's own settings files",
  "--append-system-prompt": "set the project's `agentRules`",
  "--append-system-prompt-file": "set the project's `agentRules`",
  "--session-id": "ao chooses the conversation",
  "--resume": "use `ao restore`",
  "-r": "use `ao restore`",
  "--continue": "use `ao restore`",
  "-c": "use `ao restore`",
  "--fork-session": "ao chooses the conversation",
  "--no-session-persistence": "ao reads the transcript",
  "--bare": "ao needs its hooks",
  "--print": "ao runs it in a terminal",
  "-p": "ao runs it in a terminal",
  "--background": "ao runs it in a terminal",
  "--bg": "ao runs it in a terminal",
  "--worktree": "ao creates the checkout",
  "-w": "ao creates the checkout",
  "--tmux": "ao creates the terminal",
  "--": "ao passes the prompt",
};
/** The only arguments of a wrapper that can't be meant for the wrapper itself. */
const NO_WRAPPERS = /permission/;

const ownWordsIn = (words: readonly string[]): string[] =>
  words.flatMap((given) => {
    const word = given.replace(/=.*$/s, "");
    return OWN[word] === undefined ? [] : [`${word} is ao's own: ${OWN[word]}`];
  });

/** `agentConfig` of this plugin. `allow` also takes Claude's own rules (`WebFetch(domain:…)`, `mcp__…`). */
export const ClaudeOptions = z.strictObject({
  ...sharedOptions,
  args: wordsWith(ownWordsIn).default([]),
  /** The program, and arguments before all others. */
  command: z
    .union([Line, wordsWith((words) => ownWordsIn(words.slice(1).filter((word) => NO_WRAPPERS.test(word)))).min(1)])
    .default("claude"),
});

export interface Options extends Omit<z.infer<typeof ClaudeOptions>, "command"> {
  /** The program and arguments before all others. */
  command: [string, ...string[]];
}

const parse = optionsParser("claude-code", ClaudeOptions);

/** Throws CONFIG with every problem at once. */
export function parseOptions(config: Record<string, unknown>): Options {
  const { command, ...options } = parse(config);
  const [program = "claude", ...before] = typeof command === "string" ? [command] : command;
  return { ...options, command: [program, ...before] };
}
